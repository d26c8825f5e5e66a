// SPDX-License-Identifier: MIT
#include "x509_issue.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>

namespace sevspec::tool {

namespace {

/// Frees what OpenSSL makes.
template <auto Free>
struct freed_by {
  template <class Object>
  void operator()(Object* object) const noexcept {
    Free(object);
  }
};
template <class Object, auto Free>
using owned = std::unique_ptr<Object, freed_by<Free>>;
using evp_key = owned<EVP_PKEY, EVP_PKEY_free>;

void require(bool done) {
  if (!done) throw std::logic_error("OpenSSL makes no certificate");
}

/// 04h, then the coordinates, big endian.
[[nodiscard]] auto point_of(const crypto::p384_public_key& key) -> std::array<std::uint8_t, 97> {
  std::array<std::uint8_t, 97> point{4};
  std::reverse_copy(key.x.begin(), key.x.begin() + 48, point.begin() + 1);
  std::reverse_copy(key.y.begin(), key.y.begin() + 48, point.begin() + 49);
  return point;
}

/// @param secret  null for a public key
[[nodiscard]] auto to_openssl(const crypto::p384_public_key& key, const crypto::p384_private_key* secret) -> evp_key {
  const auto point = point_of(key);
  const owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder{OSSL_PARAM_BLD_new()};
  owned<BIGNUM, BN_clear_free> scalar;
  require(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "secp384r1", 0) == 1);
  require(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1);
  if (secret != nullptr) {
    scalar.reset(BN_bin2bn(secret->big_endian().data(), 48, nullptr));
    require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get()) == 1);
  }
  const owned<OSSL_PARAM, OSSL_PARAM_free> parameters{OSSL_PARAM_BLD_to_param(builder.get())};
  const owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> ctx{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
  EVP_PKEY* made = nullptr;
  require(EVP_PKEY_fromdata_init(ctx.get()) == 1);
  const int what = secret != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  require(EVP_PKEY_fromdata(ctx.get(), &made, what, parameters.get()) == 1);
  return evp_key{made};
}

/// An extension of AMD's.
/// @param name  what follows 1.3.6.1.4.1.3704.1
void add_extension(X509* to, const std::string& name, std::span<const std::uint8_t> value) {
  const owned<ASN1_OBJECT, ASN1_OBJECT_free> id{OBJ_txt2obj(("1.3.6.1.4.1.3704.1." + name).c_str(), 1)};
  const owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> bytes{ASN1_OCTET_STRING_new()};
  require(ASN1_OCTET_STRING_set(bytes.get(), value.data(), static_cast<int>(value.size())) == 1);
  const owned<X509_EXTENSION, X509_EXTENSION_free> made{
      X509_EXTENSION_create_by_OBJ(nullptr, id.get(), 0, bytes.get())};
  require(X509_add_ext(to, made.get(), -1) == 1);
}

/// The same as a DER INTEGER.
void add_number(X509* to, const std::string& name, std::uint8_t value) {
  std::vector<std::uint8_t> der{V_ASN1_INTEGER, 1, value};
  if (value >= 0x80) der = {V_ASN1_INTEGER, 2, 0, value};
  add_extension(to, name, der);
}

void add_claims(X509* to, const firmware::vcek_claims& claims) {
  const bool turin = claims.format == layout::tcb_format::turin;
  add_number(to, "3.1", claims.tcb.boot_loader);
  add_number(to, "3.2", claims.tcb.tee);
  add_number(to, "3.3", claims.tcb.snp);
  add_number(to, "3.8", claims.tcb.microcode);
  if (turin) add_number(to, "3.9", claims.tcb.fmc);
  const std::span<const std::uint8_t> id{claims.hardware_id};
  add_extension(to, "4", id.first(turin ? 8 : id.size()));
}

void add_authority(X509* to) {
  const owned<X509_EXTENSION, X509_EXTENSION_free> made{
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE")};
  require(made && X509_add_ext(to, made.get(), -1) == 1);
}

void put_name(X509_NAME* name, const std::string& common_name) {
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1);
}

}  // namespace

auto issue(const certificate_wish& wish, const std::string& issuer, const crypto::p384_private_key& by) -> certificate {
  certificate made{X509_new()};
  require(made != nullptr);
  X509* const one = made.get();
  require(X509_set_version(one, X509_VERSION_3) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(one), 1) == 1);
  require(ASN1_TIME_set_string(X509_getm_notBefore(one), "20260101000000Z") == 1);
  require(ASN1_TIME_set_string(X509_getm_notAfter(one), "20510101000000Z") == 1);
  put_name(X509_get_subject_name(one), wish.subject);
  put_name(X509_get_issuer_name(one), issuer);
  require(X509_set_pubkey(one, to_openssl(wish.key, nullptr).get()) == 1);
  if (wish.vcek) add_claims(one, *wish.vcek);
  else add_authority(one);
  require(X509_sign(one, to_openssl(by.public_key(), &by).get(), EVP_sha384()) > 0);
  return made;
}

}  // namespace sevspec::tool

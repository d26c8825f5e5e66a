// SPDX-License-Identifier: MIT
#include "x509.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "input.hpp"

namespace sevspec::tool {

namespace {

struct free_bio {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
struct free_bytes {
  void operator()(unsigned char* bytes) const noexcept { OPENSSL_free(bytes); }
};

constexpr std::size_t most_certificates = 16;
constexpr std::size_t largest_file = std::size_t{1} << 20;

/// The extensions that AMD defines, by what follows 1.3.6.1.4.1.3704.1 in their names.   FW-MSG-32
using extensions = std::map<std::string, std::vector<std::uint8_t>, std::less<>>;

/// Nothing if one is there twice.
[[nodiscard]] auto amd_extensions(const X509& one) -> std::optional<extensions> {
  constexpr std::string_view beginning = "1.3.6.1.4.1.3704.1.";
  extensions found;
  for (int i = 0; i < X509_get_ext_count(&one); ++i) {
    X509_EXTENSION* extension = X509_get_ext(&one, i);
    std::array<char, 128> name{};
    OBJ_obj2txt(name.data(), static_cast<int>(name.size()), X509_EXTENSION_get_object(extension), 1);
    if (!std::string_view{name.data()}.starts_with(beginning)) continue;
    const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(extension);
    const std::uint8_t* bytes = ASN1_STRING_get0_data(value);
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
    if (!found.emplace(name.data() + beginning.size(), std::vector<std::uint8_t>(bytes, bytes + size)).second)
      return std::nullopt;
  }
  return found;
}

/// The contents of a DER value of this type with a length of one byte.
[[nodiscard]] auto der_contents(std::span<const std::uint8_t> bytes, std::uint8_t type)
    -> std::optional<std::span<const std::uint8_t>> {
  if (bytes.size() < 2 || bytes[0] != type || bytes[1] >= 0x80 || bytes[1] != bytes.size() - 2) return std::nullopt;
  return bytes.subspan(2);
}

/// A DER INTEGER from 0 to 255.
[[nodiscard]] auto small_integer(std::span<const std::uint8_t> bytes) -> std::optional<std::uint8_t> {
  const auto contents = der_contents(bytes, V_ASN1_INTEGER);
  if (!contents) return std::nullopt;
  if (contents->size() == 1 && (*contents)[0] < 0x80) return (*contents)[0];
  if (contents->size() == 2 && (*contents)[0] == 0 && (*contents)[1] >= 0x80) return (*contents)[1];
  return std::nullopt;
}

/// A point of P-384 as OpenSSL gives it: 04h, then the coordinates, big endian.
[[nodiscard]] auto p384_key_of(const X509& one) -> std::optional<crypto::p384_public_key> {
  const EVP_PKEY* key = X509_get0_pubkey(&one);
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return std::nullopt;
  std::array<char, 64> group{};
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(), nullptr) != 1 ||
      std::string_view{group.data()} != "secp384r1")
    return std::nullopt;
  std::array<std::uint8_t, 97> point{};
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) != 1 ||
      size != point.size() || point[0] != 4)
    return std::nullopt;
  const std::span<const std::uint8_t, 97> bytes{point};
  return crypto::p384_public_key{.x = crypto::field_of(bytes.subspan<1, 48>()),
                                 .y = crypto::field_of(bytes.subspan<49, 48>())};
}

[[nodiscard]] auto from_der(const std::string& text) -> certificate {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const unsigned char* const end = bytes + text.size();
  certificate made{d2i_X509(nullptr, &bytes, static_cast<long>(text.size()))};
  if (bytes != end) made.reset();  // more than a certificate
  return made;
}

}  // namespace

auto read_certificates(const std::string& path) -> std::vector<certificate> {
  const std::string text = read_file(path);
  if (text.size() > largest_file) throw input_error(path, "more than 1 MiB are no certificate");
  std::vector<certificate> found;
  if (text.find("-----BEGIN") == std::string::npos) {
    found.push_back(from_der(text));
    if (!found.back()) found.clear();
  } else {
    const std::unique_ptr<BIO, free_bio> bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
    while (found.size() < most_certificates) {
      certificate one{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
      if (!one) break;
      found.push_back(std::move(one));
    }
    if (const auto error = ERR_peek_last_error();
        ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
      found.clear();  // something between BEGIN and END is no certificate
  }
  ERR_clear_error();
  if (found.empty()) throw input_error(path, "is no X.509 certificate, neither DER nor PEM");
  return found;
}

auto read_certificate(const std::string& path) -> certificate {
  auto found = read_certificates(path);
  if (found.size() != 1) throw input_error(path, fmt::format("{} certificates; one was expected", found.size()));
  return std::move(found.front());
}

auto subject_of(const X509& one) -> std::string {
  std::array<char, 256> name{};
  X509_NAME* subject = X509_get_subject_name(&one);
  if (X509_NAME_get_text_by_NID(subject, NID_commonName, name.data(), static_cast<int>(name.size())) < 0) return "?";
  std::string text{name.data()};
  std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

auto flaw_of_chain(const std::vector<const X509*>& chain) -> std::optional<std::string> {
  std::optional<std::string> flaw;
  for (std::size_t i = 0; i < chain.size() && !flaw; ++i) {
    const X509* parent = chain[std::min(i + 1, chain.size() - 1)];
    // OpenSSL reads keys through pointers that are not const, and changes only what it keeps for itself.
    EVP_PKEY* key = X509_get0_pubkey(parent);
    if (X509_NAME_cmp(X509_get_issuer_name(chain[i]), X509_get_subject_name(parent)) != 0)
      flaw = fmt::format("{} is issued by another than {}", subject_of(*chain[i]), subject_of(*parent));
    else if (key == nullptr || X509_verify(const_cast<X509*>(chain[i]), key) != 1)
      flaw = fmt::format("{} is not signed by {}", subject_of(*chain[i]), subject_of(*parent));
    // X509_check_ca is true for version 1 roots, too, which AMD does not use.
    else if (i > 0 && X509_check_ca(const_cast<X509*>(chain[i])) == 0)
      flaw = fmt::format("{} is no certificate authority", subject_of(*chain[i]));
  }
  ERR_clear_error();
  return flaw;
}

auto vcek_in(const X509& one) -> std::expected<vcek_certificate, std::string> {
  const auto wrong = [](std::string reason) { return std::unexpected{std::move(reason)}; };
  const auto key = p384_key_of(one);
  ERR_clear_error();
  if (!key) return wrong("its key is not on the curve P-384");
  const auto found = amd_extensions(one);
  if (!found) return wrong("it has an extension of AMD's twice");

  vcek_certificate result{.key = *key, .claims = {}, .product = ""};
  const auto component = [&](std::string_view name, std::uint8_t& value) -> bool {
    const auto at = found->find(name);
    if (at == found->end()) return false;
    const auto number = small_integer(at->second);
    if (number) value = *number;
    return number.has_value();
  };
  layout::tcb& tcb = result.claims.tcb;
  if (found->contains("3.9")) {
    result.claims.format = layout::tcb_format::turin;
    if (!component("3.9", tcb.fmc)) return wrong("its FMC version (1.3.6.1.4.1.3704.1.3.9) is no small integer");
  }
  if (!component("3.1", tcb.boot_loader)) return wrong("it has no boot loader version (1.3.6.1.4.1.3704.1.3.1)");
  if (!component("3.2", tcb.tee)) return wrong("it has no TEE version (1.3.6.1.4.1.3704.1.3.2)");
  if (!component("3.3", tcb.snp)) return wrong("it has no SNP version (1.3.6.1.4.1.3704.1.3.3)");
  if (!component("3.8", tcb.microcode)) return wrong("it has no microcode version (1.3.6.1.4.1.3704.1.3.8)");

  const auto id = found->find("4");
  if (id == found->end()) return wrong("it has no hardware ID (1.3.6.1.4.1.3704.1.4)");
  // Raw bytes; some writers wrap them.
  std::span<const std::uint8_t> bytes = id->second;
  if (const auto wrapped = der_contents(bytes, V_ASN1_OCTET_STRING);
      wrapped && (wrapped->size() == 64 || wrapped->size() == 8))
    bytes = *wrapped;
  if (bytes.size() != 64 && bytes.size() != 8)
    return wrong(fmt::format("its hardware ID has {} bytes; 64 or 8 were expected", bytes.size()));
  std::copy(bytes.begin(), bytes.end(), result.claims.hardware_id.begin());

  if (const auto product = found->find("2"); product != found->end())
    if (const auto text = der_contents(product->second, V_ASN1_IA5STRING))
      result.product.assign(text->begin(), text->end());
  return result;
}

auto outdated(const std::vector<const X509*>& chain) -> std::vector<std::string> {
  std::vector<std::string> lines;
  for (const X509* one : chain) {
    if (X509_cmp_current_time(X509_get0_notBefore(one)) > 0)
      lines.push_back(fmt::format("{} is not valid yet", subject_of(*one)));
    if (X509_cmp_current_time(X509_get0_notAfter(one)) < 0)
      lines.push_back(fmt::format("{} is not valid any more", subject_of(*one)));
  }
  return lines;
}

}  // namespace sevspec::tool

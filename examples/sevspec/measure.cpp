// SPDX-License-Identifier: MIT
// sevspec measure: the launch digest that a guest must have, from what it is launched with.

#include <algorithm>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <cryptopp/base64.h>
#include <cryptopp/filters.h>
#include <fmt/format.h>

#include <sevspec/firmware/guest_image/launch_recipe.hpp>
#include <sevspec/firmware/guest_image/vcpu_types.hpp>

#include "commands.hpp"
#include "fields.hpp"
#include "hex_text.hpp"
#include "input.hpp"
#include "measure_steps.hpp"
#include "nearest.hpp"

namespace sevspec::tool {

namespace {

namespace fw = firmware;

constexpr std::uint32_t most_vcpus = 65535;

struct measure_command {
  std::string mode;
  std::optional<std::uint64_t> vcpus;
  std::string vcpu_type;
  std::optional<std::uint64_t> vcpu_signature;
  std::optional<std::uint64_t> vcpu_family;
  std::optional<std::uint64_t> vcpu_model;
  std::optional<std::uint64_t> vcpu_stepping;
  std::string vmm = "QEMU";
  std::optional<std::uint64_t> guest_features;
  std::string image;
  std::string kernel;
  std::string initrd;
  std::string append;
  bool has_append = false;
  std::string image_digest;
  std::string svsm;
  std::optional<std::uint64_t> vars_size;
  std::string format = "hex";
  std::string vmsa_folder;
  std::string steps;
};

[[nodiscard]] auto bytes_of_file(const std::string& path) -> std::vector<std::uint8_t> {
  const std::string text = read_file(path);
  return {text.begin(), text.end()};
}

[[nodiscard]] auto parse_image(const std::string& path, std::span<const std::uint8_t> bytes) -> fw::guest_image {
  auto image = fw::parse_guest_image(bytes);
  if (!image) throw input_error(fmt::format("{}: byte {:#x}", path, image.error().offset), text_of(image.error().what));
  return std::move(*image);
}

/// What is wrong with an image, with the number that belongs to it.
[[noreturn]] void refuse(const std::string& path, const fw::recipe_error& wrong) {
  using enum fw::recipe_error::kind;
  std::string text = text_of(wrong.what);
  switch (wrong.what) {
    case image_size:        text += fmt::format("; it has {}", wrong.value); break;
    case section_type:      text += fmt::format(": {:#x}", wrong.value); break;
    case section_alignment:
    case section_range:
    case section_overlap:
    case hash_table_place:  text += fmt::format(": gPA {:#x}", wrong.value); break;
    case no_room:           text += fmt::format(": {} bytes", wrong.value); break;
    default:                break;
  }
  throw input_error(path, text);
}

/// A number of the command line that fits into so many values.
[[nodiscard]] auto limited(const char* option, std::uint64_t value, std::uint64_t largest) -> std::uint32_t {
  if (value > largest) throw input_error(fmt::format("{} {}", option, value), fmt::format("more than {}", largest));
  return static_cast<std::uint32_t>(value);
}

[[nodiscard]] auto signature_of(const measure_command& given, bool needed) -> std::uint32_t {
  const bool parts = given.vcpu_family || given.vcpu_model || given.vcpu_stepping;
  if (static_cast<int>(parts) + static_cast<int>(given.vcpu_signature.has_value()) +
          static_cast<int>(!given.vcpu_type.empty()) >
      1)
    throw input_error("measure", "only one of --vcpu-type, --vcpu-sig and --vcpu-family can be given");
  if (parts) {
    if (!given.vcpu_family || !given.vcpu_model || !given.vcpu_stepping)
      throw input_error("measure", "--vcpu-family, --vcpu-model and --vcpu-stepping belong together");
    const layout::processor_identity identity{.family = limited("--vcpu-family", *given.vcpu_family, 0x10E),
                                              .model = limited("--vcpu-model", *given.vcpu_model, 0xFF),
                                              .stepping = limited("--vcpu-stepping", *given.vcpu_stepping, 0xF)};
    if (identity.family < 0xF && identity.model > 0xF)
      throw input_error(fmt::format("--vcpu-model {}", identity.model), "families below 15 have models up to 15");
    return layout::signature_of_identity(identity);
  }
  if (given.vcpu_signature) return limited("--vcpu-sig", *given.vcpu_signature, 0xFFFF'FFFF);
  if (!given.vcpu_type.empty()) {
    if (const auto found = fw::signature_of_type(given.vcpu_type)) return *found;
    std::vector<std::string_view> names;
    for (const fw::vcpu_type& one : fw::vcpu_types) names.emplace_back(one.name);
    throw input_error("--vcpu-type " + in_quotes(given.vcpu_type),
                      "no such processor; the nearest are " + nearest(given.vcpu_type, names));
  }
  if (needed)
    throw input_error("measure", fmt::format("--mode {} needs --vcpu-type, --vcpu-sig or --vcpu-family", given.mode));
  return 0;
}

[[nodiscard]] auto vmm_named(const std::string& name) -> layout::vmm_kind {
  if (name == "QEMU" || name == "qemu") return layout::vmm_kind::qemu;
  if (name == "ec2") return layout::vmm_kind::ec2;
  if (name == "gce") return layout::vmm_kind::gce;
  throw input_error("--vmm-type " + in_quotes(name), "QEMU, ec2 or gce was expected");
}

[[nodiscard]] auto recipe_of(const measure_command& given, bool has_vmsas) -> fw::launch_recipe {
  fw::launch_recipe recipe;
  recipe.vmm = vmm_named(given.vmm);
  if (has_vmsas) {
    if (!given.vcpus) throw input_error("measure", fmt::format("--mode {} needs --vcpus", given.mode));
    recipe.vcpus = limited("--vcpus", *given.vcpus, most_vcpus);
    if (recipe.vcpus == 0) throw input_error("--vcpus 0", "a guest has at least one processor");
    // EC2 and GCE put no signature into a VMSA.
    recipe.cpu_signature = signature_of(given, recipe.vmm == layout::vmm_kind::qemu);
  }
  if (given.guest_features) recipe.guest_features = *given.guest_features;
  if (given.kernel.empty() && (!given.initrd.empty() || given.has_append))
    throw input_error(given.initrd.empty() ? "--append" : "--initrd", "goes with --kernel, which is not given");
  if (!given.kernel.empty())
    recipe.kernel = fw::hashes_of_kernel(
        bytes_of_file(given.kernel), given.initrd.empty() ? std::vector<std::uint8_t>{} : bytes_of_file(given.initrd),
        given.append);
  if (!given.image_digest.empty()) recipe.after_image = digest_named("--snp-ovmf-hash", given.image_digest);
  return recipe;
}

void write_page(const std::filesystem::path& path, const layout::vmsa& page) {
  std::ofstream file(path, std::ios::binary);
  std::copy(page.data(), page.data() + page.bytes().size(), std::ostreambuf_iterator<char>(file));
  file.flush();
  if (!file) throw input_error(path.string(), "cannot be written");
}

void dump_vmsas(const std::string& folder, const fw::launch_vmsas& pages, std::uint32_t vcpus) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (!std::filesystem::is_directory(folder, failed)) throw input_error(folder, "is no folder");
  for (std::uint32_t i = 0; i < vcpus; ++i)
    write_page(std::filesystem::path(folder) / fmt::format("vmsa{}.bin", i), i == 0 ? pages.first : pages.other);
}

void print_digest(std::span<const std::uint8_t> digest, const std::string& format) {
  if (format == "hex") {
    fmt::print("{}\n", hex_bytes(digest));
    return;
  }
  std::string text;
  const CryptoPP::StringSource made(digest.data(), digest.size(), true,
                                    new CryptoPP::Base64Encoder(new CryptoPP::StringSink(text), false));
  fmt::print("{}\n", text);
}

template <class Digest>
[[nodiscard]] auto value_or_refuse(const std::string& path, const std::expected<Digest, fw::recipe_error>& found)
    -> const Digest& {
  if (!found) refuse(path, found.error());
  return *found;
}

[[nodiscard]] auto measure(const measure_command& given) -> int {
  const bool es = given.mode == "seves";
  const bool under_svsm = given.mode == "snp:svsm";
  const bool snp = given.mode == "snp" || under_svsm;
  const bool has_vmsas = es || snp;
  if (!snp && given.mode != "snp:ovmf-hash" && !es && given.mode != "sev")
    throw input_error(given.mode.empty() ? "measure" : "--mode " + in_quotes(given.mode),
                      "--mode snp, seves, sev, snp:svsm or snp:ovmf-hash was expected");
  if (given.image.empty()) throw input_error("measure", "--ovmf, the firmware's image, is missing");
  if (!given.image_digest.empty() && given.mode != "snp") throw input_error("--snp-ovmf-hash", "belongs to --mode snp");
  if (!given.vmsa_folder.empty() && !(es || given.mode == "snp"))
    throw input_error("--dump-vmsa", "belongs to --mode snp and seves");
  if (under_svsm != !given.svsm.empty())
    throw input_error("--svsm", "goes with --mode snp:svsm, and that with --svsm and --vars-size");

  const auto bytes = bytes_of_file(given.image);
  if (given.mode == "snp:ovmf-hash") {
    print_digest(value_or_refuse(given.image, fw::image_digest(bytes)), given.format);
    return 0;
  }
  const fw::launch_recipe recipe = recipe_of(given, has_vmsas);
  if (under_svsm) {
    if (!given.vars_size) throw input_error("measure", "--mode snp:svsm needs --vars-size");
    if (recipe.kernel) throw input_error("--kernel", "does not go with --mode snp:svsm");
    if (recipe.vmm != layout::vmm_kind::qemu) throw input_error("--vmm-type", "is QEMU with --mode snp:svsm");
    const auto svsm = bytes_of_file(given.svsm);
    print_digest(value_or_refuse(given.svsm, fw::svsm_launch_digest(bytes, parse_image(given.svsm, svsm),
                                                                    *given.vars_size, recipe)),
                 given.format);
    return 0;
  }
  const fw::guest_image image = parse_image(given.image, bytes);
  const auto print = [&](const auto& found) {
    const auto& digest = value_or_refuse(given.image, found);
    if (!given.vmsa_folder.empty())
      dump_vmsas(given.vmsa_folder, value_or_refuse(given.image, fw::vmsas_of(image, recipe, snp)), recipe.vcpus);
    print_digest(digest, given.format);
  };
  if (snp) print(fw::snp_launch_digest(image, recipe));
  else print(fw::legacy_digest_of(image, recipe, es));
  return 0;
}

}  // namespace

void add_measure(CLI::App& program, action& chosen) {
  const auto given = std::make_shared<measure_command>();
  CLI::App& command = *program.add_subcommand("measure", "Compute the launch digest that a guest must have");
  const auto text = [&](const char* name, std::string& value, const char* type, const char* meaning) {
    return command.add_option(name, value, meaning)->type_name(type);
  };
  text("--mode", given->mode, "MODE", "snp, seves or sev; snp:svsm; snp:ovmf-hash for the image's pages alone");
  add_number(command, "--vcpus", given->vcpus, "Number of processors");
  text("--vcpu-type", given->vcpu_type, "NAME", "Processor as QEMU names it: EPYC-v4, EPYC-Milan, ...");
  add_number(command, "--vcpu-sig", given->vcpu_signature, "The processor's CPUID Fn0000_0001 EAX");
  add_number(command, "--vcpu-family", given->vcpu_family, "The processor's family, extended family added");
  add_number(command, "--vcpu-model", given->vcpu_model, "Its model, extended model included");
  add_number(command, "--vcpu-stepping", given->vcpu_stepping, "Its stepping");
  text("--vmm-type", given->vmm, "NAME", "Who launches the guest: QEMU, ec2 or gce");
  add_number(command, "--guest-features", given->guest_features, "SEV_FEATURES of SNP guests; 0x1 if not given");
  text("--ovmf", given->image, "FILE", "The firmware's image");
  text("--kernel", given->kernel, "FILE", "A kernel that is loaded beside the firmware");
  text("--initrd", given->initrd, "FILE", "Its initrd");
  command
      .add_option_function<std::string>(
          "--append",
          [given](const std::string& line) {
            given->append = line;
            given->has_append = true;
          },
          "Its command line")
      ->type_name("TEXT");
  text("--snp-ovmf-hash", given->image_digest, "HEX", "The launch digest after the image's pages, if it is known");
  text("--svsm", given->svsm, "FILE", "The image of an SVSM");
  add_number(command, "--vars-size", given->vars_size, "Bytes of the firmware's variables, between it and the SVSM");
  text("--output-format", given->format, "FORMAT", "hex or base64")->check(CLI::IsMember({"hex", "base64"}));
  text("--dump-vmsa", given->vmsa_folder, "DIR", "Write the VMSAs there: vmsa0.bin, ...");
  text("--steps", given->steps, "FILE",
       "A JSON file of pages instead: the digest after each of them, as JSON Lines; nothing else is needed");
  command.footer(
      "  sevspec measure --mode snp --vcpus 4 --vcpu-type EPYC-v4 --ovmf OVMF.fd --kernel vmlinuz --append 'ro'\n"
      "  sevspec measure --mode seves --vcpus 1 --vcpu-type EPYC-Milan --ovmf OVMF.fd\n"
      "  sevspec measure --steps pages.json");
  command.callback([given, &command, &chosen] {
    if (!given->steps.empty()) {
      if (command.count_all() > 2) throw input_error("--steps", "goes with no other option");
      chosen = [given] { return measure_steps(given->steps); };
      return;
    }
    chosen = [given] { return measure(*given); };
  });
}

}  // namespace sevspec::tool

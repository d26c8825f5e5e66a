// SPDX-License-Identifier: MIT
#include <support/catch.hpp>

#include <type_traits>

#include <sevspec/base/access.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/version.hpp>

using namespace sevspec;

static_assert(std::is_trivially_copyable_v<fault>);

TEST_CASE("faults: vectors and names", "[base]") {
  for (const auto& [kind, vector, name] : {std::tuple{fault_kind::ud, 6U, "#UD"},
                                           {fault_kind::ss, 12U, "#SS"},
                                           {fault_kind::gp, 13U, "#GP"},
                                           {fault_kind::pf, 14U, "#PF"},
                                           {fault_kind::vc, 29U, "#VC"},
                                           {fault_kind::npf, 0U, "#NPF"},
                                           {fault_kind::no_memory, 0U, "no memory"}}) {
    CHECK(vector_of(kind) == vector);
    CHECK(std::string(name_of(kind)) == name);
  }
}

TEST_CASE("accesses: user or supervisor", "[base]") {
  for (const access_kind kind : {access_kind::read, access_kind::write, access_kind::execute}) {
    for (std::uint8_t level = 0; level < 4; ++level) {
      for (const bool implicit : {false, true}) {
        const memory_access why{.kind = kind, .level = {level}, .implicit_supervisor = implicit};
        CHECK(why.is_write() == (kind == access_kind::write));
        CHECK(why.is_fetch() == (kind == access_kind::execute));
        CHECK(why.is_user() == (level == 3 && !implicit));
      }
    }
  }
  CHECK(memory_access{}.bytes == 1);
}

TEST_CASE("the version is one number in two forms", "[base]") {
  CHECK(version == version_number{SEVSPEC_VERSION_MAJOR, SEVSPEC_VERSION_MINOR, SEVSPEC_VERSION_PATCH});
}

// SPDX-License-Identifier: MIT
// Feeds files, and the files of folders, to a fuzz target without libFuzzer. The empty input always comes first, so a
// target without a corpus is exercised too. A finding aborts the program, exactly as it does under libFuzzer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

auto files_of(const fs::path& where) -> std::vector<fs::path> {
  if (!fs::is_directory(where)) return {where};
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator{where}) {
    if (entry.is_regular_file()) found.push_back(entry.path());
  }
  std::ranges::sort(found);  // the same order on every file system
  return found;
}

auto read(const fs::path& file) -> std::vector<std::uint8_t> {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint8_t nothing{};
  LLVMFuzzerTestOneInput(&nothing, 0);

  std::size_t replayed = 1;
  for (int i = 1; i < argc; ++i) {
    if (!fs::exists(argv[i])) {
      std::fprintf(stderr, "%s: no such file or folder\n", argv[i]);
      continue;
    }
    for (const auto& file : files_of(argv[i])) {
      std::fprintf(stderr, "%s\n", file.c_str());  // before the run: the last line names the input that aborted
      const auto bytes = read(file);
      LLVMFuzzerTestOneInput(bytes.empty() ? &nothing : bytes.data(), bytes.size());
      ++replayed;
    }
  }
  std::printf("%zu inputs\n", replayed);
}

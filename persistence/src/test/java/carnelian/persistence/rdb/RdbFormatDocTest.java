package carnelian.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import carnelian.structures.Intsets;
import carnelian.structures.Listpacks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The examples of docs/formats/rdb.md are true.
class RdbFormatDocTest {
  private static final Path DOC = Path.of("../docs/formats/rdb.md");

  private final Bytes bytes = new Bytes();
  private final Slice slice = new Slice();

  @AfterEach
  void close() {
    bytes.close();
  }

  @Test
  void lengths() throws IOException {
    int examples = 0;
    for (List<String> row : rows("Length", 5)) {
      if (row.get(3).startsWith("`")) {
        try (RdbInput in = RdbInput.of("doc", bytes.ofHex(code(row.get(3))))) {
          assertThat(in.readLength()).isEqualTo(Long.parseLong(row.get(4)));
        }
        examples++;
      }
    }
    assertThat(examples).isEqualTo(4);
  }

  @Test
  void strings() throws IOException {
    List<List<String>> rows = rows("String", 4);
    assertThat(rows).hasSize(5);
    for (List<String> row : rows) {
      try (RdbInput in = RdbInput.of("doc", bytes.ofHex(code(row.get(2))))) {
        assertThat(in.readText()).isEqualTo(code(row.get(3)));
        assertThat(in.isAtEnd()).isTrue();
      }
    }
  }

  @Test
  void doubles() throws IOException {
    List<List<String>> rows = rows("Double", 3);
    assertThat(rows).hasSize(4);
    for (List<String> row : rows) {
      try (RdbInput in = RdbInput.of("doc", bytes.ofHex(code(row.get(1))))) {
        assertThat(in.readTextDouble()).isEqualTo(Double.valueOf(row.get(2)));
      }
    }
  }

  @Test
  void opcodes() throws IOException {
    List<List<String>> rows = rows("Opcodes", 3);
    assertThat(rows).hasSize(RdbOpcode.values().length);
    for (List<String> row : rows) {
      RdbOpcode opcode = RdbOpcode.of(Integer.parseInt(code(row.get(0)), 16));
      assertThat(opcode).isNotNull().hasToString(row.get(1).replace(" (Valkey)", ""));
    }
  }

  @Test
  void types() throws IOException {
    List<String> documented = new ArrayList<>();
    for (List<String> row : rows("Types", 3)) {
      documented.add(row.get(1).replaceAll(" .*", "") + " " + row.get(0));
    }
    List<String> known = new ArrayList<>();
    for (RdbType type : RdbType.values()) {
      known.add(type + " " + type.code());
    }
    assertThat(documented).containsExactlyInAnyOrderElementsOf(known);
  }

  @Test
  void listpackElements() throws IOException {
    List<List<String>> rows = rows("Listpack", 5);
    assertThat(rows).hasSize(9);
    for (List<String> row : rows) {
      Slice example = bytes.ofHex("00000000ffff" + code(row.get(3)) + "ff");
      Memory.putInt(example.at, example.length);
      assertThat(Listpacks.validate(example.at, example.length, true)).as("%s", row).isTrue();
      assertThat(ZiplistsTest.valuesOf(example.at)).containsExactly(code(row.get(4)));
    }
  }

  @Test
  void wholeListpacks() throws IOException {
    for (List<String> row : rows("Listpack", 2)) {
      Slice example = bytes.ofHex(code(row.get(0)));
      assertThat(Listpacks.validate(example.at, example.length, true)).isTrue();
      assertThat(ZiplistsTest.valuesOf(example.at)).isEqualTo(codes(row.get(1)));
    }
  }

  @Test
  void intsets() throws IOException {
    for (List<String> row : rows("Intset", 2)) {
      Slice example = bytes.ofHex(code(row.get(0)));
      assertThat(Intsets.validate(example.at, example.length, true)).isTrue();
      List<String> values = new ArrayList<>();
      for (int i = 0; i < Intsets.count(example.at); i++) {
        values.add(new Element().setInteger(Intsets.get(example.at, i)).toString());
      }
      assertThat(values).isEqualTo(codes(row.get(1)));
    }
  }

  @Test
  void ziplistsAndZipmaps() throws IOException {
    try (Heap heap = new Heap(HeapOptions.defaults())) {
      Listpacks listpacks = new Listpacks(heap);
      for (List<String> row : rows("Ziplist", 2)) {
        Slice example = bytes.ofHex(code(row.get(0)));
        assertThat(Ziplists.validate(example.at, example.length)).isTrue();
        long listpack = Ziplists.toListpack(listpacks, example.at);
        assertThat(ZiplistsTest.valuesOf(listpack)).isEqualTo(codes(row.get(1)));
        listpacks.destroy(listpack);
      }
      for (List<String> row : rows("Zipmap", 2)) {
        Slice example = bytes.ofHex(code(row.get(0)));
        assertThat(Zipmaps.validate(example.at, example.length)).isTrue();
        long listpack = Zipmaps.toListpack(listpacks, example.at);
        assertThat(ZiplistsTest.valuesOf(listpack)).isEqualTo(codes(row.get(1)));
        listpacks.destroy(listpack);
      }
    }
  }

  @Test
  void dumpPayload() throws IOException {
    for (List<String> row : rows("DUMP payload", 2)) {
      try (RdbInput in = RdbInput.of("doc", bytes.ofHex(code(row.get(0))))) {
        assertThat(RdbType.of(in.readByte(), RdbVersion.REDIS_7)).isEqualTo(RdbType.STRING);
        assertThat(in.readString(slice)).hasToString(codes(row.get(1)).getFirst());
        in.skip(2);
        in.readChecksum();
        assertThat(in.isAtEnd()).isTrue();
      }
    }
  }

  /// The rows of the tables with `columns` columns under the heading, without their headers.
  private static List<List<String>> rows(String heading, int columns) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    boolean inside = false;
    boolean inBody = false;
    for (String line : Files.readAllLines(DOC)) {
      if (line.startsWith("#")) {
        inside = inside ? false : line.endsWith("# " + heading);
      }
      if (!line.startsWith("|")) {
        inBody = false;
      } else if (line.startsWith("|-")) {
        inBody = true;
      } else if (inside && inBody) {
        List<String> cells = cells(line);
        if (cells.size() == columns) {
          rows.add(cells);
        }
      }
    }
    assertThat(rows).as(heading).isNotEmpty();
    return rows;
  }

  private static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    for (String cell : line.substring(1, line.length() - 1).split("\\|", -1)) {
      cells.add(cell.strip());
    }
    return cells;
  }

  private static String code(String cell) {
    return codes(cell).getFirst();
  }

  private static List<String> codes(String cell) {
    List<String> codes = new ArrayList<>();
    String[] parts = cell.split("`", -1);
    for (int i = 1; i < parts.length; i += 2) {
      codes.add(parts[i]);
    }
    return codes;
  }
}

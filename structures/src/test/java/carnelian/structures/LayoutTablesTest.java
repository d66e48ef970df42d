package carnelian.structures;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The tables in the comments of the layouts are the layouts. They are of memory only: to change
/// one, change its table and the size here; what it costs is in docs/structures.md.
class LayoutTablesTest {
  private static final Pattern ROW =
      Pattern.compile("^/// \\| +(\\d+) \\| +(\\d+) \\| (?:`(\\w+)`)? +\\|", Pattern.MULTILINE);

  @Test
  void hashTableRoot_isAsItsTable() throws IOException {
    assertThat(HashTableLayout.ROOT_BYTES).isEqualTo(40);
    assertThat(tableIn("HashTableLayout")).isEqualTo(fields(HashTableLayout.ROOT));
  }

  @Test
  void countedTreeRoot_isAsItsTable() throws IOException {
    assertThat(CountedTreeLayout.ROOT_BYTES).isEqualTo(40);
    assertThat(tableIn("CountedTreeLayout").subList(0, 6))
        .isEqualTo(fields(CountedTreeLayout.ROOT));
  }

  @Test
  void nodes_takeWholeCacheLinesAndAtMostOnePageOfTheBarrier() {
    assertThat(CountedTreeLayout.leafBytes(CountedTreeLayout.LEAF_CAPACITY)).isEqualTo(504);
    assertThat(CountedTreeLayout.innerBytes(CountedTreeLayout.INNER_CAPACITY)).isEqualTo(488);
    assertThat(HashTableLayout.BUCKET_BYTES).isEqualTo(64);
  }

  @Test
  void tagShift_leavesAtLeastSevenBitsAndHoldsTheBitOfTheNextSplit() {
    for (int level = 0; level < 40; level++) {
      int shift = HashTableLayout.tagShift(level);
      assertThat(level).isBetween(shift, shift + 9);
      assertThat(HashTableLayout.tagShift(level + 1)).isIn(shift, shift + 8, shift + 10);
    }
  }

  private static List<String> fields(StructLayout layout) {
    List<String> fields = new ArrayList<>();
    long offset = 0;
    for (MemoryLayout member : layout.memberLayouts()) {
      fields.add(offset + " " + member.byteSize() + " " + member.name().orElse("-"));
      offset += member.byteSize();
    }
    return fields;
  }

  private static List<String> tableIn(String type) throws IOException {
    Path source = Path.of("src/main/java/carnelian/structures/" + type + ".java");
    Matcher row = ROW.matcher(Files.readString(source));
    List<String> rows = new ArrayList<>();
    while (row.find()) {
      String name = row.group(3);
      rows.add(row.group(1) + " " + row.group(2) + " " + (name == null ? "-" : name));
    }
    return rows;
  }
}

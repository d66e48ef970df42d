package carnelian.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// If one of these changes, files that exist can no longer be read: it must not.
class RdbCodesTest {
  @Test
  void types_haveTheirCodes() {
    assertThat(Arrays.stream(RdbType.values()).map(type -> type + " " + type.code()))
        .containsExactly(
            "STRING 0",
            "LIST 1",
            "SET 2",
            "ZSET 3",
            "HASH 4",
            "ZSET_2 5",
            "MODULE_PRE_GA 6",
            "MODULE_2 7",
            "HASH_ZIPMAP 9",
            "LIST_ZIPLIST 10",
            "SET_INTSET 11",
            "ZSET_ZIPLIST 12",
            "HASH_ZIPLIST 13",
            "LIST_QUICKLIST 14",
            "STREAM_LISTPACKS 15",
            "HASH_LISTPACK 16",
            "ZSET_LISTPACK 17",
            "LIST_QUICKLIST_2 18",
            "STREAM_LISTPACKS_2 19",
            "SET_LISTPACK 20",
            "STREAM_LISTPACKS_3 21",
            "HASH_METADATA_PRE_GA 22",
            "HASH_LISTPACK_EX_PRE_GA 23",
            "HASH_METADATA 24",
            "HASH_LISTPACK_EX 25",
            "VALKEY_HASH_2 22");
  }

  @Test
  void opcodes_haveTheirCodes() {
    assertThat(Arrays.stream(RdbOpcode.values()).map(opcode -> opcode + " " + opcode.code()))
        .containsExactly(
            "SLOT_IMPORT 243",
            "SLOT_INFO 244",
            "FUNCTION_2 245",
            "FUNCTION_PRE_GA 246",
            "MODULE_AUX 247",
            "IDLE 248",
            "FREQ 249",
            "AUX 250",
            "RESIZEDB 251",
            "EXPIRETIME_MS 252",
            "EXPIRETIME 253",
            "SELECTDB 254",
            "EOF 255");
    assertThat(RdbOpcode.of(250)).isEqualTo(RdbOpcode.AUX);
    assertThat(RdbOpcode.of(0)).isNull();
    assertThat(RdbOpcode.of(-1)).isNull();
    assertThat(RdbOpcode.of(256)).isNull();
  }

  @Test
  void type22_dependsOnWhoWroteTheFile() {
    assertThat(RdbType.of(22, 12)).isEqualTo(RdbType.HASH_METADATA_PRE_GA);
    assertThat(RdbType.of(22, 80)).isEqualTo(RdbType.VALKEY_HASH_2);
    assertThat(RdbType.of(25, 12)).isEqualTo(RdbType.HASH_LISTPACK_EX);
    assertThat(RdbType.of(25, 80)).isNull();
    assertThat(RdbType.of(21, 80)).isEqualTo(RdbType.STREAM_LISTPACKS_3);
    assertThat(RdbType.of(16, 9)).isEqualTo(RdbType.HASH_LISTPACK);
    assertThat(RdbType.of(8, 11)).isNull();
    assertThat(RdbType.of(26, 11)).isNull();
    assertThat(RdbType.of(-1, 11)).isNull();
  }

  @Test
  void readableVersions_areRedisUpTo8AndValkey9() {
    assertThat(RdbVersion.isReadable(0)).isFalse();
    assertThat(RdbVersion.isReadable(1)).isTrue();
    assertThat(RdbVersion.isReadable(12)).isTrue();
    assertThat(RdbVersion.isReadable(13)).isFalse();
    assertThat(RdbVersion.isReadable(80)).isTrue();
    assertThat(RdbVersion.isReadable(81)).isFalse();
  }
}

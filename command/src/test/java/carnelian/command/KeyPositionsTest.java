package carnelian.command;

import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.DELETE;
import static carnelian.command.KeyFlag.NOT_KEY;
import static carnelian.command.KeyFlag.OW;
import static carnelian.command.KeyFlag.RM;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeyFlag.VARIABLE_FLAGS;
import static carnelian.command.KeySpec.allFrom;
import static carnelian.command.KeySpec.counted;
import static carnelian.command.KeySpec.first;
import static carnelian.command.KeySpec.keyword;
import static carnelian.command.KeySpec.unknown;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyPositionsTest {

  private final NativeBuffer bytes = new NativeBuffer(4096);
  private final KeyPositions keys = new KeyPositions();

  @AfterEach
  void close() {
    bytes.close();
  }

  private static Declaration.Builder some(String name, KeySpec... specs) {
    return declare(name)
        .group(Group.GENERIC)
        .since("1.0.0")
        .summary("For a test.")
        .arity(-2)
        .keys(specs);
  }

  /// The keys found in a command line; `""` stands for an empty argument.
  private List<String> find(Declaration.Builder declaration, String line) {
    return find(declaration.build(), line, false);
  }

  private List<String> find(Declaration declaration, String line, boolean withChannels) {
    String[] words = line.split(" ", -1);
    Slice[] slices = new Slice[words.length];
    bytes.clear();
    bytes.reserve(4096);
    for (int i = 0; i < words.length; i++) {
      String word = words[i].equals("\"\"") ? "" : words[i];
      int start = bytes.length();
      bytes.putAscii(word);
      slices[i] = new Slice(bytes.address() + start, word.length());
    }
    Arguments args =
        new Arguments() {
          @Override
          public int argc() {
            return slices.length;
          }

          @Override
          public Slice arg(int index) {
            return slices[index];
          }
        };
    int count =
        withChannels ? keys.findWithChannels(declaration, args) : keys.find(declaration, args);
    List<String> found = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      found.add(args.arg(keys.position(i)).toString());
    }
    return found;
  }

  @Test
  void first_findsOne() {
    assertThat(find(some("GET", first(RO, ACCESS)), "GET a b")).containsExactly("a");
    assertThat(keys.has(0, RO)).isTrue();
    assertThat(keys.has(0, UPDATE)).isFalse();
  }

  @Test
  void allFrom_withStep_findsEverySecond() {
    assertThat(find(some("MSET", allFrom(1, OW, UPDATE).step(2)), "MSET a 1 b 2 c 3"))
        .containsExactly("a", "b", "c");
  }

  @Test
  void allFrom_withLast_leavesTheTimeOutAlone() {
    assertThat(find(some("BLPOP", allFrom(1, RW, ACCESS, DELETE).last(-2)), "BLPOP a b 0"))
        .containsExactly("a", "b");
    assertThat(find(some("BLPOP", allFrom(1, RW, ACCESS, DELETE).last(-2)), "BLPOP 0")).isEmpty();
  }

  @Test
  void counted_findsWhatTheNumberSays() {
    Declaration.Builder zunionstore =
        some("ZUNIONSTORE", first(OW, UPDATE), counted(2, RO, ACCESS));

    assertThat(find(zunionstore, "ZUNIONSTORE d 2 a b WEIGHTS 1 2")).containsExactly("d", "a", "b");
    assertThat(keys.has(0, OW)).isTrue();
    assertThat(keys.has(2, RO)).isTrue();
  }

  @Test
  void counted_withANumberThatCannotBe_findsNothing() {
    Declaration.Builder eval = some("EVAL", counted(2, RW, ACCESS));

    for (String number :
        List.of("0", "-1", "3", "x", "9223372036854775807", "4294967298", "\"\"")) {
      assertThat(find(eval, "EVAL s " + number + " a b")).as(number).isEmpty();
    }
    assertThat(find(eval, "EVAL s")).isEmpty();
  }

  @Test
  void keyword_withLimit_findsTheFirstHalf() {
    Declaration.Builder xread = some("XREAD", keyword("STREAMS", 1, RO, ACCESS).limit(2));

    assertThat(find(xread, "XREAD COUNT 1 streams a b 0 0")).containsExactly("a", "b");
    assertThat(find(xread, "XREAD COUNT 1")).isEmpty();
    assertThat(find(xread, "XREAD STREAMS")).isEmpty();
  }

  @Test
  void keyword_thatIsOptional_leavesTheOtherKeys() {
    Declaration.Builder georadius =
        some("GEORADIUS", first(RO, ACCESS), keyword("STORE", 6, OW, UPDATE));

    assertThat(find(georadius, "GEORADIUS k 1 1 1 km")).containsExactly("k");
    assertThat(find(georadius, "GEORADIUS k 1 1 1 km STORE d")).containsExactly("k", "d");
    assertThat(find(georadius, "GEORADIUS k 1 1 1 km STORE")).containsExactly("k");
  }

  @Test
  void keyword_searchedBackwards_findsTheLast() {
    assertThat(find(some("X", keyword("KEYS", -2, RW).last(-1)), "X KEYS a KEYS b"))
        .containsExactly("b");
  }

  @Test
  void sort_findsTheLastStore() {
    Declaration.Builder sort =
        some("SORT", first(RO, ACCESS), unknown(RO, ACCESS), unknown(OW, UPDATE))
            .keysFoundBy(KeyFinder::ofSort);

    assertThat(find(sort, "SORT k")).containsExactly("k");
    assertThat(find(sort, "SORT k BY STORE GET STORE LIMIT STORE 1 STORE d ALPHA store e"))
        .containsExactly("k", "e");
    assertThat(find(sort, "SORT k STORE")).containsExactly("k");
  }

  @Test
  void migrate_findsTheOneKeyOrThoseAfterKeys() {
    Declaration.Builder migrate = some("MIGRATE", unknown(RW)).keysFoundBy(KeyFinder::ofMigrate);

    assertThat(find(migrate, "MIGRATE h 1 k 0 5")).containsExactly("k");
    assertThat(find(migrate, "MIGRATE h 1 \"\" 0 5 AUTH keys AUTH2 keys keys KEYS a b"))
        .containsExactly("a", "b");
    assertThat(find(migrate, "MIGRATE h 1 k 0 5 KEYS a b")).isEmpty();
    assertThat(find(migrate, "MIGRATE h 1 k 0 5 KEYS")).containsExactly("k");
  }

  @Test
  void set_readsTheOldValueOnlyWithGet() {
    Declaration.Builder set =
        some("SET", first(RW, ACCESS, UPDATE, VARIABLE_FLAGS)).keysFoundBy(KeyFinder::ofSet);

    find(set, "SET k GET");
    assertThat(keys.has(0, ACCESS)).isFalse();
    find(set, "SET k v EX 5 get");
    assertThat(keys.has(0, ACCESS)).isTrue();
  }

  @Test
  void bitfield_withNothingButGet_onlyReads() {
    Declaration.Builder bitfield =
        some("BITFIELD", first(RW, ACCESS, UPDATE, VARIABLE_FLAGS))
            .keysFoundBy(KeyFinder::ofBitfield);

    find(bitfield, "BITFIELD k OVERFLOW SAT GET u8 0");
    assertThat(keys.has(0, RO)).isTrue();
    find(bitfield, "BITFIELD k GET u8 0 INCRBY u8 0 1");
    assertThat(keys.has(0, RW)).isTrue();
    find(bitfield, "BITFIELD k GET u8");
    assertThat(keys.has(0, RW)).isTrue();
  }

  @Test
  void channel_isFoundOnlyIfAskedFor() {
    Declaration spublish = some("SPUBLISH", first(RM, NOT_KEY)).build();

    assertThat(find(spublish, "SPUBLISH c m", false)).isEmpty();
    assertThat(find(spublish, "SPUBLISH c m", true)).containsExactly("c");
    assertThat(spublish.hasKeys()).isFalse();
  }

  @Test
  void find_ofMoreKeysThanEverBefore_findsAll() {
    StringBuilder line = new StringBuilder("DEL");
    for (int i = 0; i < 100; i++) {
      line.append(" k").append(i);
    }

    assertThat(find(some("DEL", allFrom(1, RM, DELETE)), line.toString())).hasSize(100);
  }
}

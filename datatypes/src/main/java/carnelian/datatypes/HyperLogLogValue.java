package carnelian.datatypes;

import static carnelian.datatypes.HyperLogLog.HEADER_BYTES;
import static carnelian.datatypes.HyperLogLog.MAX_SPARSE_VALUE;
import static carnelian.datatypes.HyperLogLog.MAX_VALUE_RUN;

import carnelian.engine.Call;
import carnelian.keyspace.Database;
import carnelian.keyspace.Strings;
import carnelian.memory.Memory;
import carnelian.memory.Slice;

/// The HyperLogLog of one key while a command changes it: it may grow, move and become dense.
///
/// Sparse runs are split, written and joined in the one way that Redis does it, so that the same
/// commands make the same bytes there and here. Made per command; valid as long as nothing else
/// changes the key.
final class HyperLogLogValue {
  /// What [#raise] may answer.
  static final int CORRUPT = -1;

  static final int UNCHANGED = 0;
  static final int CHANGED = 1;

  private static final int SEED = 0xadc83b19;

  /// How many runs are looked at, from the one before the change on, for neighbours to join.
  private static final int JOINED_RUNS = 5;

  private final Database db;
  private final Strings strings;
  private final int sparseMaxBytes;
  private long entry;

  /// Where the bytes are, and how many.
  private long at;

  private int length;

  private HyperLogLogValue(Call call, long entry) {
    db = call.db();
    strings = call.keyspace().strings();
    sparseMaxBytes = call.keyspace().limits().hllSparseMaxBytes();
    this.entry = entry;
    locate();
  }

  /// The value of an entry whose header is valid, ready to be written.
  static HyperLogLogValue of(Call call, long entry) {
    return new HyperLogLogValue(call, call.keyspace().strings().raw(call.db(), entry));
  }

  /// A new, empty one under a key that is absent.
  static HyperLogLogValue create(Call call, Slice key) {
    Strings strings = call.keyspace().strings();
    long made = strings.make(call.db(), key, HyperLogLog.EMPTY_SPARSE_BYTES);
    HyperLogLog.writeEmpty(strings.bytesAt(made));
    strings.put(call.db(), key, made);
    return new HyperLogLogValue(call, made);
  }

  private void locate() {
    at = strings.bytesAt(entry);
    length = strings.length(entry);
  }

  long at() {
    return at;
  }

  boolean isDense() {
    return HyperLogLog.isDense(at);
  }

  void invalidateEstimate() {
    HyperLogLog.invalidateEstimate(at);
  }

  /// Counts an element in.
  int add(Slice element) {
    long hash = Murmur.hash(element.at, element.length, SEED);
    return raise(HyperLogLog.registerOf(hash), HyperLogLog.valueOf(hash));
  }

  /// Makes a register at least `value`.
  int raise(int index, int value) {
    if (isDense()) {
      return HyperLogLog.raiseDense(at, index, value) ? CHANGED : UNCHANGED;
    }
    return raiseSparse(index, value);
  }

  /// Makes it dense; false if it is corrupt.
  boolean toDense() {
    if (isDense()) {
      return true;
    }
    byte[] registers = new byte[HyperLogLog.REGISTERS];
    if (!HyperLogLog.mergeInto(registers, new Slice(at, length))) {
      return false;
    }
    resize(HyperLogLog.DENSE_BYTES);
    HyperLogLog.writeDense(at, registers);
    return true;
  }

  private void resize(int bytes) {
    entry = strings.resize(db, entry, bytes);
    locate();
  }

  // ---- Sparse ----------------------------------------------------------------------------------

  private int raiseSparse(int index, int value) {
    if (value > MAX_SPARSE_VALUE) {
      return promote(index, value);
    }
    int before = 0;
    int run = HEADER_BYTES;
    int first = 0;
    while (true) {
      if (run >= length || !HyperLogLog.isWhole(at + run, at + length)) {
        return CORRUPT;
      }
      if (index < first + HyperLogLog.runLength(at + run)) {
        break;
      }
      first += HyperLogLog.runLength(at + run);
      before = run;
      run += HyperLogLog.runBytes(at + run);
    }
    int present = HyperLogLog.runValue(at + run);
    if (present >= value) {
      return UNCHANGED;
    }
    if (HyperLogLog.runBytes(at + run) == 1 && HyperLogLog.runLength(at + run) == 1) {
      HyperLogLog.putValues(at + run, value, 1);
    } else if (!split(run, index - first, value)) {
      return promote(index, value);
    }
    join(before == 0 ? HEADER_BYTES : before);
    invalidateEstimate();
    return CHANGED;
  }

  private int promote(int index, int value) {
    if (!toDense()) {
      return CORRUPT;
    }
    HyperLogLog.raiseDense(at, index, value);
    return CHANGED;
  }

  /// Puts a register of its own into the middle of a run; false if that takes too many bytes.
  private boolean split(int run, int left, int value) {
    int runBytes = HyperLogLog.runBytes(at + run);
    int right = HyperLogLog.runLength(at + run) - left - 1;
    int present = HyperLogLog.runValue(at + run);
    int needed = partBytes(present, left) + 1 + partBytes(present, right);
    int growth = needed - runBytes;
    if (growth > 0 && (long) length + growth > sparseMaxBytes) {
      return false;
    }
    int behind = length - run - runBytes;
    if (growth > 0) {
      resize(length + growth);
    }
    Memory.copy(at + run + runBytes, at + run + needed, behind);
    long to = putPart(at + run, present, left);
    to = HyperLogLog.putValues(to, value, 1);
    putPart(to, present, right);
    if (growth < 0) {
      resize(length + growth);
    }
    return true;
  }

  private static int partBytes(int value, int length) {
    if (length == 0) {
      return 0;
    }
    return value == 0 && length > HyperLogLog.MAX_ZERO_RUN ? 2 : 1;
  }

  private static long putPart(long to, int value, int length) {
    if (length == 0) {
      return to;
    }
    return value == 0 ? HyperLogLog.putZeros(to, length) : HyperLogLog.putValues(to, value, length);
  }

  /// Joins neighbours with the same value as far as one run can hold them.
  private void join(int from) {
    int end = length;
    int run = from;
    for (int left = JOINED_RUNS; left > 0 && run < end; left--) {
      long here = at + run;
      if (HyperLogLog.isValueRun(here) && run + 1 < end && isJoinable(here)) {
        int joined = HyperLogLog.runLength(here) + HyperLogLog.runLength(here + 1);
        HyperLogLog.putValues(here + 1, HyperLogLog.runValue(here), joined);
        Memory.copy(here + 1, here, end - run - 1L);
        end--;
      } else {
        run += HyperLogLog.runBytes(here);
      }
    }
    if (end < length) {
      resize(end);
    }
  }

  private static boolean isJoinable(long run) {
    return HyperLogLog.isValueRun(run + 1)
        && HyperLogLog.runValue(run) == HyperLogLog.runValue(run + 1)
        && HyperLogLog.runLength(run) + HyperLogLog.runLength(run + 1) <= MAX_VALUE_RUN;
  }
}

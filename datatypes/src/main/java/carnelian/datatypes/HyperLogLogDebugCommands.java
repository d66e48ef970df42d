package carnelian.datatypes;

import static carnelian.command.Arg.key;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeySpec.at;
import static carnelian.engine.Command.command;

import carnelian.command.DocFlag;
import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Type;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.util.List;

/// Looks inside HyperLogLogs, and tries their algorithms: for tests.
public final class HyperLogLogDebugCommands {
  private static final ReplyError NO_KEY = ReplyError.err("The specified key does not exist");
  private static final ReplyError NOT_SPARSE = ReplyError.err("HLL encoding is not sparse");

  /// Redis's allowance: six times the standard error of 1.04 / sqrt(16384).
  private static final double ALLOWED_ERROR = 6 * 1.04 / 128;

  private static final int SELF_TEST_ELEMENTS = 1_000_000;
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private HyperLogLogDebugCommands() {}

  /// PFDEBUG — Looks inside a HyperLogLog, for tests.
  static final Command PFDEBUG =
      command(
          declare("PFDEBUG")
              .group(Group.HYPERLOGLOG)
              .since("2.8.9")
              .complexity("N/A")
              .summary("Looks inside a HyperLogLog, for tests.")
              .arity(3)
              .flags(WRITE, DENYOOM, ADMIN)
              .keys(at(2, RW, ACCESS))
              .args(string("subcommand"), key("key"))
              .docFlags(DocFlag.SYSCMD),
          HyperLogLogDebugCommands::pfdebug);

  private static void pfdebug(Call call) {
    Slice key = call.arg(2);
    long entry = call.db().write(key, Type.STRING);
    if (entry == 0) {
      throw NO_KEY;
    }
    HyperLogLogCommands.checked(call, entry, new Slice());
    if (call.is(1, "GETREG")) {
      HyperLogLogValue value = dense(call, key, entry);
      call.reply().array(HyperLogLog.REGISTERS);
      for (int i = 0; i < HyperLogLog.REGISTERS; i++) {
        call.reply().integer(HyperLogLog.dense(value.at(), i));
      }
    } else if (call.is(1, "DECODE")) {
      decode(call, entry);
    } else if (call.is(1, "ENCODING")) {
      Slice value = call.keyspace().strings().get(entry, new Slice());
      call.reply().simple(HyperLogLog.isDense(value.at) ? "dense" : "sparse");
    } else if (call.is(1, "TODENSE")) {
      Slice value = call.keyspace().strings().get(entry, new Slice());
      boolean converts = !HyperLogLog.isDense(value.at);
      dense(call, key, entry);
      call.reply().integer(converts ? 1 : 0);
    } else {
      throw ReplyError.err("Unknown PFDEBUG subcommand '" + call.arg(1) + "'");
    }
  }

  private static HyperLogLogValue dense(Call call, Slice key, long entry) {
    HyperLogLogValue value = HyperLogLogValue.of(call, entry);
    if (!value.isDense()) {
      if (!value.toDense()) {
        throw HyperLogLogCommands.CORRUPTED;
      }
      call.changedUnheard(key, 1);
    }
    return value;
  }

  private static void decode(Call call, long entry) {
    Slice value = call.keyspace().strings().get(entry, new Slice());
    if (HyperLogLog.isDense(value.at)) {
      throw NOT_SPARSE;
    }
    StringBuilder text = new StringBuilder();
    long end = value.end();
    long run = value.at + HyperLogLog.HEADER_BYTES;
    while (run < end && HyperLogLog.isWhole(run, end)) {
      int length = HyperLogLog.runLength(run);
      if (HyperLogLog.isValueRun(run)) {
        text.append("v:").append(HyperLogLog.runValue(run)).append(',').append(length);
      } else {
        text.append(HyperLogLog.isLongZeroRun(run) ? "Z:" : "z:").append(length);
      }
      text.append(' ');
      run += HyperLogLog.runBytes(run);
    }
    call.reply().bulk(text.toString().stripTrailing());
  }

  /// PFSELFTEST — Tests the HyperLogLog implementation.
  static final Command PFSELFTEST =
      command(
          declare("PFSELFTEST")
              .group(Group.HYPERLOGLOG)
              .since("2.8.9")
              .complexity("N/A")
              .summary("Tests the HyperLogLog implementation.")
              .arity(1)
              .flags(ADMIN)
              .replies(ReplyShape.ok())
              .docFlags(DocFlag.SYSCMD),
          HyperLogLogDebugCommands::pfselftest);

  private static void pfselftest(Call call) {
    try (NativeBuffer bytes = new NativeBuffer(HyperLogLog.DENSE_BYTES)) {
      long at = bytes.reserve(HyperLogLog.DENSE_BYTES);
      Memory.fill(at, HyperLogLog.DENSE_BYTES, (byte) 0);
      testRegisters(at, call);
      Memory.fill(at, HyperLogLog.DENSE_BYTES, (byte) 0);
      testEstimates(at, call);
    }
    call.reply().ok();
  }

  /// Random registers, written densely, read back as they were.
  private static void testRegisters(long at, Call call) {
    byte[] registers = new byte[HyperLogLog.REGISTERS];
    for (int round = 0; round < 16; round++) {
      for (int i = 0; i < registers.length; i++) {
        registers[i] = (byte) call.random().nextInt(HyperLogLog.MAX_REGISTER + 1);
      }
      HyperLogLog.writeDense(at, registers);
      for (int i = 0; i < registers.length; i++) {
        int found = HyperLogLog.dense(at, i);
        if (found != registers[i]) {
          throw failed("Register " + i + " should be " + registers[i] + " but it is " + found);
        }
      }
    }
  }

  /// Counts known numbers of different elements and compares the estimates.
  private static void testEstimates(long at, Call call) {
    Slice value = new Slice(at, HyperLogLog.DENSE_BYTES);
    try (NativeBuffer element = new NativeBuffer(Long.BYTES)) {
      long seed = call.random().nextLong();
      long elementAt = element.reserve(Long.BYTES);
      int checkpoint = 1;
      for (int i = 1; i <= SELF_TEST_ELEMENTS; i++) {
        Memory.putLong(elementAt, seed ^ i * GOLDEN_GAMMA);
        long hash = Murmur.hash(elementAt, Long.BYTES, 0);
        HyperLogLog.raiseDense(at, HyperLogLog.registerOf(hash), HyperLogLog.valueOf(hash));
        if (i == checkpoint) {
          long estimate = HyperLogLog.count(value);
          // One element more for the smallest numbers, as two of ten may share a register.
          if (Math.abs(estimate - i) > Math.ceil(ALLOWED_ERROR * i) + 1) {
            throw failed("Too big error. card:" + i + " estimate:" + estimate + " seed:" + seed);
          }
          checkpoint *= 10;
        }
      }
    }
  }

  private static ReplyError failed(String what) {
    return ReplyError.of("TESTFAILED " + what);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "PFDEBUG PFSELFTEST";

  public static List<Command> all() {
    return List.of(PFDEBUG, PFSELFTEST);
  }
}

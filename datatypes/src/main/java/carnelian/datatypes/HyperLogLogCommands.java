package carnelian.datatypes;

import static carnelian.command.Arg.key;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.MAY_REPLICATE;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.INSERT;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeySpec.allFrom;
import static carnelian.command.KeySpec.first;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import java.util.List;

/// HyperLogLogs: counting different elements in 12 KB. What looks inside one is in
/// [HyperLogLogDebugCommands].
public final class HyperLogLogCommands {
  static final ReplyError CORRUPTED = ReplyError.of("INVALIDOBJ Corrupted HLL object detected");

  private static final ReplyError NOT_ONE =
      ReplyError.of("WRONGTYPE Key is not a valid HyperLogLog string value.");

  private HyperLogLogCommands() {}

  /// PFADD — Counts elements into a HyperLogLog, which is created if there is none.
  static final Command PFADD =
      command(
          declare("PFADD")
              .group(Group.HYPERLOGLOG)
              .since("2.8.9")
              .complexity("O(1) to add every element")
              .summary("Counts elements into a HyperLogLog, which is created if there is none.")
              .arity(-2)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, INSERT))
              .args(key("key"), string("element").multiple().optional())
              .replies(ReplyShape.integer()),
          HyperLogLogCommands::pfadd);

  private static void pfadd(Call call) {
    Slice key = call.arg(1);
    long entry = call.db().write(key, Type.STRING);
    int changes = 0;
    HyperLogLogValue value;
    if (entry == 0) {
      value = HyperLogLogValue.create(call, key);
      changes++;
    } else {
      checked(call, entry, new Slice());
      value = HyperLogLogValue.of(call, entry);
    }
    int change = HyperLogLogValue.UNCHANGED;
    for (int i = 2; i < call.argc() && change != HyperLogLogValue.CORRUPT; i++) {
      change = value.add(call.arg(i));
      changes += change == HyperLogLogValue.CHANGED ? 1 : 0;
    }
    if (changes > 0) {
      value.invalidateEstimate();
      call.changed(key, KeyEvent.PFADD, changes);
    }
    if (change == HyperLogLogValue.CORRUPT) {
      throw CORRUPTED;
    }
    call.reply().integer(changes > 0 ? 1 : 0);
  }

  /// The string, if its header is that of a HyperLogLog.
  static Slice checked(Call call, long entry, Slice into) {
    Slice value = call.keyspace().strings().get(entry, into);
    if (!HyperLogLog.isValid(value)) {
      throw NOT_ONE;
    }
    return value;
  }

  /// PFCOUNT — Estimates how many different elements HyperLogLogs have counted.
  static final Command PFCOUNT =
      command(
          declare("PFCOUNT")
              .group(Group.HYPERLOGLOG)
              .since("2.8.9")
              .complexity("O(1) for one key, O(N) for N keys")
              .summary("Estimates how many different elements HyperLogLogs have counted.")
              .arity(-2)
              .flags(READONLY, MAY_REPLICATE)
              .keys(allFrom(1, RW, ACCESS).notes("It may change how the value is kept."))
              .args(key("key").multiple())
              .replies(ReplyShape.integer()),
          HyperLogLogCommands::pfcount);

  private static void pfcount(Call call) {
    if (call.argc() > 2) {
      byte[] union = new byte[HyperLogLog.REGISTERS];
      for (int i = 1; i < call.argc(); i++) {
        merge(call, i, union);
      }
      call.reply().integer(HyperLogLog.count(union));
      return;
    }
    Slice key = call.arg(1);
    long entry = call.db().read(key, Type.STRING);
    if (entry == 0) {
      call.reply().integer(0);
      return;
    }
    Slice value = checked(call, entry, new Slice());
    call.reply()
        .integer(
            HyperLogLog.isEstimateValid(value.at)
                ? HyperLogLog.estimate(value.at)
                : countAnew(call, key, entry, value));
  }

  /// Raises the registers to those of an argument's value and returns whether that is dense.
  private static boolean merge(Call call, int index, byte[] registers) {
    long entry = call.db().read(call.arg(index), Type.STRING);
    if (entry == 0) {
      return false;
    }
    Slice value = checked(call, entry, new Slice());
    if (!HyperLogLog.mergeInto(registers, value)) {
      throw CORRUPTED;
    }
    return HyperLogLog.isDense(value.at);
  }

  /// The estimate is kept in the value: a change, which is propagated, although it is a reading
  /// command.
  private static long countAnew(Call call, Slice key, long entry, Slice value) {
    long count = HyperLogLog.count(value);
    if (count < 0) {
      throw CORRUPTED;
    }
    HyperLogLog.estimate(HyperLogLogValue.of(call, entry).at(), count);
    call.changedUnheard(key, 1);
    return count;
  }

  /// PFMERGE — Merges HyperLogLogs into one.
  static final Command PFMERGE =
      command(
          declare("PFMERGE")
              .group(Group.HYPERLOGLOG)
              .since("2.8.9")
              .complexity("O(N), N = HyperLogLogs")
              .summary("Merges HyperLogLogs into one.")
              .arity(-2)
              .flags(WRITE, DENYOOM)
              .keys(first(RW, ACCESS, INSERT), allFrom(2, RO, ACCESS))
              .args(key("destkey"), key("sourcekey").keySpec(1).multiple().optional())
              .replies(ReplyShape.ok()),
          HyperLogLogCommands::pfmerge);

  private static void pfmerge(Call call) {
    Slice key = call.arg(1);
    byte[] union = new byte[HyperLogLog.REGISTERS];
    boolean dense = false;
    for (int i = 1; i < call.argc(); i++) {
      dense |= merge(call, i, union);
    }
    long entry = call.db().write(key, Type.STRING);
    HyperLogLogValue value =
        entry == 0 ? HyperLogLogValue.create(call, key) : HyperLogLogValue.of(call, entry);
    if (dense && !value.toDense()) {
      throw CORRUPTED;
    }
    for (int i = 0; i < union.length; i++) {
      if (union[i] > 0) {
        int _ = value.raise(i, union[i]);
      }
    }
    value.invalidateEstimate();
    call.changed(key, KeyEvent.PFADD);
    call.reply().ok();
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "PFADD PFCOUNT PFMERGE";

  public static List<Command> all() {
    return List.of(PFADD, PFCOUNT, PFMERGE);
  }
}

package carnelian.datatypes;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeyFlag.VARIABLE_FLAGS;
import static carnelian.command.KeySpec.first;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.KeyFinder;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Strings;
import carnelian.keyspace.Type;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.structures.Decimals;
import java.util.List;

/// BITFIELD: integers of 1 to 64 bits at any bit of a string.
///
/// The operations are read twice: once to find every mistake and how far they reach before anything
/// is done, once to do them. A type is passed on as its bits, negative if it is unsigned.
public final class BitfieldCommands {
  private static final int BITS_PER_BYTE = 8;
  private static final int MAX_SIGNED_BITS = 64;
  private static final int MAX_UNSIGNED_BITS = 63;
  private static final int NO_WRITE = -1;

  private static final ReplyError INVALID_TYPE =
      ReplyError.err(
          "Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but"
              + " i64 is.");
  private static final ReplyError INVALID_OVERFLOW =
      ReplyError.err("Invalid OVERFLOW type specified");
  private static final ReplyError ONLY_GET =
      ReplyError.err("BITFIELD_RO only supports the GET subcommand");

  private BitfieldCommands() {}

  /// BITFIELD — Reads, sets and increments integers of any width inside a string.
  static final Command BITFIELD =
      command(
          declare("BITFIELD")
              .group(Group.BITMAP)
              .since("3.2.0")
              .complexity("O(1) for each subcommand specified")
              .summary("Reads, sets and increments integers of any width inside a string.")
              .arity(-2)
              .flags(WRITE, DENYOOM)
              .keys(
                  first(RW, ACCESS, UPDATE, VARIABLE_FLAGS).notes("It may read and it may change."))
              .keysFoundBy(KeyFinder::ofBitfield)
              .args(
                  key("key"),
                  oneOf(
                          "operation",
                          block("get-block", string("encoding"), integer("offset")).token("GET"),
                          block(
                              "write",
                              oneOf(
                                      "overflow-block",
                                      pureToken("WRAP"),
                                      pureToken("SAT"),
                                      pureToken("FAIL"))
                                  .token("OVERFLOW")
                                  .optional(),
                              oneOf(
                                  "write-operation",
                                  block(
                                          "set-block",
                                          string("encoding"),
                                          integer("offset"),
                                          integer("value"))
                                      .token("SET"),
                                  block(
                                          "incrby-block",
                                          string("encoding"),
                                          integer("offset"),
                                          integer("increment"))
                                      .token("INCRBY"))))
                      .multiple()
                      .optional())
              .replies(ReplyShape.array()),
          BitfieldCommands::bitfield);

  private static void bitfield(Call call) {
    long furthest = check(call);
    if (furthest == NO_WRITE) {
      readAll(call);
    } else {
      runAll(call, furthest);
    }
  }

  /// BITFIELD_RO — Reads integers of any width inside a string.
  static final Command BITFIELD_RO =
      command(
          declare("BITFIELD_RO")
              .group(Group.BITMAP)
              .since("6.0.0")
              .complexity("O(1) for each subcommand specified")
              .summary("Reads integers of any width inside a string.")
              .arity(-2)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  block("get-block", string("encoding"), integer("offset"))
                      .token("GET")
                      .multipleToken()
                      .optional())
              .replies(ReplyShape.array()),
          BitfieldCommands::bitfieldRo);

  private static void bitfieldRo(Call call) {
    if (check(call) != NO_WRITE) {
      throw ONLY_GET;
    }
    readAll(call);
  }

  /// Checks all operations and returns the last bit that they write, or [#NO_WRITE].
  private static long check(Call call) {
    long furthest = NO_WRITE;
    int i = 2;
    while (i < call.argc()) {
      if (isOverflow(call, i)) {
        overflow(call, i + 1);
        i += 2;
        continue;
      }
      boolean get = isGet(call, i);
      if (!get && !isSet(call, i) && !isIncrby(call, i)) {
        throw ReplyError.SYNTAX;
      }
      int bits = Math.abs(type(call.arg(i + 1)));
      long offset = BitCommands.offset(call, i + 2, bits);
      if (!get) {
        furthest = Math.max(furthest, offset + bits - 1);
        long _ = call.integer(i + 3);
      }
      i += get ? 3 : 4;
    }
    return furthest;
  }

  private static boolean isGet(Call call, int i) {
    return i + 2 < call.argc() && call.is(i, "GET");
  }

  private static boolean isSet(Call call, int i) {
    return i + 3 < call.argc() && call.is(i, "SET");
  }

  private static boolean isIncrby(Call call, int i) {
    return i + 3 < call.argc() && call.is(i, "INCRBY");
  }

  private static boolean isOverflow(Call call, int i) {
    return i + 1 < call.argc() && call.is(i, "OVERFLOW");
  }

  private static BitOverflow overflow(Call call, int i) {
    for (BitOverflow overflow : BitOverflow.VALUES) {
      if (call.is(i, overflow.name())) {
        return overflow;
      }
    }
    throw INVALID_OVERFLOW;
  }

  private static int type(Slice text) {
    int letter = text.length < 2 ? 0 : Memory.getByte(text.at);
    if ((letter != 'i' && letter != 'u') || !Decimals.isCanonical(text.at + 1, text.length - 1)) {
      throw INVALID_TYPE;
    }
    long bits = Decimals.parse(text.at + 1, text.length - 1);
    if (bits < 1 || bits > (letter == 'i' ? MAX_SIGNED_BITS : MAX_UNSIGNED_BITS)) {
      throw INVALID_TYPE;
    }
    return (int) (letter == 'i' ? bits : -bits);
  }

  private static int operations(Call call) {
    int operations = 0;
    int i = 2;
    while (i < call.argc()) {
      if (isOverflow(call, i)) {
        i += 2;
      } else {
        operations++;
        i += isGet(call, i) ? 3 : 4;
      }
    }
    return operations;
  }

  private static void readAll(Call call) {
    long entry = call.db().read(call.arg(1), Type.STRING);
    Slice value = entry == 0 ? new Slice() : call.keyspace().strings().get(entry, new Slice());
    call.reply().array(operations(call));
    int i = 2;
    while (i < call.argc()) {
      if (isOverflow(call, i)) {
        i += 2;
      } else {
        call.reply().integer(read(call, i, value.at, value.length));
        i += 3;
      }
    }
  }

  private static long read(Call call, int i, long at, int length) {
    int type = type(call.arg(i + 1));
    long offset = BitCommands.offset(call, i + 2, Math.abs(type));
    return Bits.field(at, length, offset, type);
  }

  private static void runAll(Call call, long furthest) {
    Slice key = call.arg(1);
    Strings strings = call.keyspace().strings();
    long entry = call.db().write(key, Type.STRING);
    int needed = (int) (furthest / BITS_PER_BYTE) + 1;
    boolean grows = entry == 0 || strings.length(entry) < needed;
    entry = grows ? BitCommands.grown(call, key, entry, needed) : strings.raw(call.db(), entry);
    long at = strings.bytesAt(entry);
    int length = strings.length(entry);
    call.reply().array(operations(call));
    BitOverflow overflow = BitOverflow.WRAP;
    int changes = 0;
    int i = 2;
    while (i < call.argc()) {
      if (isOverflow(call, i)) {
        overflow = overflow(call, i + 1);
        i += 2;
      } else if (isGet(call, i)) {
        call.reply().integer(read(call, i, at, length));
        i += 3;
      } else {
        changes += write(call, i, overflow, at, length, grows) ? 1 : 0;
        i += 4;
      }
    }
    if (grows || changes > 0) {
      // Redis forgets that a string has grown if no operation then fits; replicas would differ.
      call.changed(key, KeyEvent.SETBIT, Math.max(1, changes));
    }
  }

  /// Runs one SET or INCRBY and returns whether it counts as a change.
  private static boolean write(
      Call call, int i, BitOverflow overflow, long at, int length, boolean grows) {
    int type = type(call.arg(i + 1));
    long offset = BitCommands.offset(call, i + 2, Math.abs(type));
    long operand = call.integer(i + 3);
    boolean increments = isIncrby(call, i);
    long before = Bits.field(at, length, offset, type);
    long base = increments ? before : operand;
    long increment = increments ? operand : 0;
    if (overflow == BitOverflow.FAIL && BitOverflow.direction(type, base, increment) != 0) {
      call.reply().nil();
      return false;
    }
    long after = overflow.apply(type, base, increment);
    call.reply().integer(increments ? after : before);
    Bits.putField(at, offset, Math.abs(type), after);
    return grows || before != after;
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "BITFIELD BITFIELD_RO";

  public static List<Command> all() {
    return List.of(BITFIELD, BITFIELD_RO);
  }
}

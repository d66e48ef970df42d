package carnelian.datatypes;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.OW;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.allFrom;
import static carnelian.command.KeySpec.at;
import static carnelian.command.KeySpec.first;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Strings;
import carnelian.keyspace.Type;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.Decimals;
import java.util.List;

/// Bitmaps: strings seen as bits, the most significant bit of the first byte first. Integers inside
/// them are in [BitfieldCommands].
public final class BitCommands {
  private static final int BITS_PER_BYTE = 8;

  private static final ReplyError BIT_OFFSET =
      ReplyError.err("bit offset is not an integer or out of range");
  private static final ReplyError BIT_VALUE =
      ReplyError.err("bit is not an integer or out of range");
  private static final ReplyError BIT_SOUGHT = ReplyError.err("The bit argument must be 1 or 0.");
  private static final ReplyError NOT_TAKES_ONE =
      ReplyError.err("BITOP NOT must be called with a single source key.");

  private BitCommands() {}

  /// BITCOUNT — Counts the set bits of a string or a part of it.
  static final Command BITCOUNT =
      command(
          declare("BITCOUNT")
              .group(Group.BITMAP)
              .since("2.6.0")
              .complexity("O(N)")
              .summary("Counts the set bits of a string or a part of it.")
              .arity(-2)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  block(
                          "range",
                          integer("start"),
                          integer("end"),
                          oneOf("unit", pureToken("BYTE"), pureToken("BIT"))
                              .since("7.0.0")
                              .optional())
                      .optional())
              .replies(ReplyShape.integer())
              .history("7.0.0", "Takes `BYTE|BIT`."),
          BitCommands::bitcount);

  /// As Redis 7.2, arguments are checked before the key is looked up.
  private static void bitcount(Call call) {
    if (call.argc() == 3 || call.argc() > 5) {
      throw ReplyError.SYNTAX;
    }
    boolean ranged = call.argc() > 2;
    long start = ranged ? call.integer(2) : 0;
    long end = ranged ? call.integer(3) : -1;
    boolean inBits = call.argc() == 5 && isBits(call, 4);
    long entry = call.db().read(call.arg(1), Type.STRING);
    if (entry == 0 || (start < 0 && end < 0 && start > end)) {
      call.reply().integer(0);
      return;
    }
    Slice value = call.keyspace().strings().get(entry, new Slice());
    long units = inBits ? (long) value.length * BITS_PER_BYTE : value.length;
    long first = clipped(start, units);
    long last = Math.min(clipped(end, units), units - 1);
    int unitBits = inBits ? 1 : BITS_PER_BYTE;
    call.reply()
        .integer(first > last ? 0 : Bits.count(value.at, first * unitBits, (last + 1) * unitBits));
  }

  private static boolean isBits(Call call, int index) {
    if (call.is(index, "BIT")) {
      return true;
    }
    if (call.is(index, "BYTE")) {
      return false;
    }
    throw ReplyError.SYNTAX;
  }

  /// An index that may count from the end, not below the first.
  private static long clipped(long index, long count) {
    return Math.max(0, index < 0 ? index + count : index);
  }

  /// BITOP — Combines strings bit by bit and stores the result.
  static final Command BITOP =
      command(
          declare("BITOP")
              .group(Group.BITMAP)
              .since("2.6.0")
              .complexity("O(N)")
              .summary("Combines strings bit by bit and stores the result.")
              .arity(-4)
              .flags(WRITE, DENYOOM)
              .keys(at(2, OW, UPDATE), allFrom(3, RO, ACCESS))
              .args(
                  oneOf(
                      "operation",
                      pureToken("AND"),
                      pureToken("OR"),
                      pureToken("XOR"),
                      pureToken("NOT")),
                  key("destkey"),
                  key("key").keySpec(1).multiple())
              .replies(ReplyShape.integer()),
          BitCommands::bitop);

  private static void bitop(Call call) {
    BitOperation operation = operation(call);
    int sources = call.argc() - 3;
    if (operation == BitOperation.NOT && sources != 1) {
      throw NOT_TAKES_ONE;
    }
    long[] at = new long[sources];
    int[] lengths = new int[sources];
    try (NativeBuffer digits = new NativeBuffer(sources * Decimals.MAX_LENGTH)) {
      int longest = readSources(call, at, lengths, digits);
      store(call, operation, at, lengths, longest);
      call.reply().integer(longest);
    }
  }

  private static BitOperation operation(Call call) {
    Slice word = call.arg(1);
    for (BitOperation operation : BitOperation.VALUES) {
      if (word.isIgnoringCase(operation.name())) {
        return operation;
      }
    }
    throw ReplyError.SYNTAX;
  }

  /// Finds the sources' bytes, those of integers as digits, and returns the greatest length.
  private static int readSources(Call call, long[] at, int[] lengths, NativeBuffer digits) {
    Strings strings = call.keyspace().strings();
    Slice value = new Slice();
    int longest = 0;
    for (int i = 0; i < at.length; i++) {
      long entry = call.db().read(call.arg(i + 3), Type.STRING);
      if (entry == 0) {
        continue;
      }
      if (strings.get(entry, call.element()).isInteger()) {
        call.element().slice(value, digits.address() + (long) i * Decimals.MAX_LENGTH);
      } else {
        strings.get(entry, value);
      }
      at[i] = value.at;
      lengths[i] = value.length;
      longest = Math.max(longest, value.length);
    }
    return longest;
  }

  private static void store(
      Call call, BitOperation operation, long[] at, int[] lengths, int longest) {
    Slice target = call.arg(2);
    Strings strings = call.keyspace().strings();
    if (longest == 0) {
      call.db().deleteTarget(target);
      return;
    }
    long made = strings.make(call.db(), target, longest);
    operation.combine(at, lengths, strings.bytesAt(made), longest);
    strings.put(call.db(), target, made);
    call.changed(target, KeyEvent.SET);
  }

  /// BITPOS — Finds the first bit that is set or clear.
  static final Command BITPOS =
      command(
          declare("BITPOS")
              .group(Group.BITMAP)
              .since("2.8.7")
              .complexity("O(N)")
              .summary("Finds the first bit that is set or clear.")
              .arity(-3)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  integer("bit"),
                  block(
                          "range",
                          integer("start"),
                          block(
                                  "end-unit-block",
                                  integer("end"),
                                  oneOf("unit", pureToken("BYTE"), pureToken("BIT"))
                                      .since("7.0.0")
                                      .optional())
                              .optional())
                      .optional())
              .replies(ReplyShape.integer())
              .history("7.0.0", "Takes `BYTE|BIT`."),
          BitCommands::bitpos);

  private static void bitpos(Call call) {
    long bit = call.integer(2);
    if (bit != 0 && bit != 1) {
      throw BIT_SOUGHT;
    }
    if (call.argc() > 6) {
      throw ReplyError.SYNTAX;
    }
    long start = call.argc() > 3 ? call.integer(3) : 0;
    boolean inBits = call.argc() == 6 && isBits(call, 5);
    boolean endGiven = call.argc() > 4;
    long end = endGiven ? call.integer(4) : -1;
    long entry = call.db().read(call.arg(1), Type.STRING);
    if (entry == 0) {
      // No key is as good as endless zeros.
      call.reply().integer(bit == 1 ? -1 : 0);
      return;
    }
    Slice value = call.keyspace().strings().get(entry, new Slice());
    long units = inBits ? (long) value.length * BITS_PER_BYTE : value.length;
    long first = clipped(start, units);
    long last = Math.min(clipped(end, units), units - 1);
    int unitBits = inBits ? 1 : BITS_PER_BYTE;
    if (first > last) {
      call.reply().integer(-1);
      return;
    }
    long behind = (last + 1) * unitBits;
    long found = Bits.find(value.at, first * unitBits, behind, bit == 1);
    // A string that goes on for ever with zeros has one behind its end, unless an end was given.
    call.reply().integer(found < 0 && bit == 0 && !endGiven ? behind : found);
  }

  /// GETBIT — Replies with one bit of a string.
  static final Command GETBIT =
      command(
          declare("GETBIT")
              .group(Group.BITMAP)
              .since("2.2.0")
              .complexity("O(1)")
              .summary("Replies with one bit of a string.")
              .arity(3)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"), integer("offset"))
              .replies(ReplyShape.integer()),
          BitCommands::getbit);

  private static void getbit(Call call) {
    long offset = offset(call, 2);
    long entry = call.db().read(call.arg(1), Type.STRING);
    if (entry == 0) {
      call.reply().integer(0);
      return;
    }
    Slice value = call.keyspace().strings().get(entry, new Slice());
    long index = offset / BITS_PER_BYTE;
    boolean set = index < value.length && (Memory.getByte(value.at + index) & mask(offset)) != 0;
    call.reply().integer(set ? 1 : 0);
  }

  /// The argument as an offset in bits into a string that may be as long as the limit says.
  private static long offset(Call call, int index) {
    return checkedOffset(call, call.integer(index, BIT_OFFSET));
  }

  static long checkedOffset(Call call, long offset) {
    long mostBytes = Math.min(call.keyspace().limits().protoMaxBulkLength(), Bits.MAX_BYTES);
    if (offset < 0 || offset / BITS_PER_BYTE >= mostBytes) {
      throw BIT_OFFSET;
    }
    return offset;
  }

  /// As [#offset], but `#3` is the third value of so many bits, from 0.
  static long offset(Call call, int index, int bits) {
    Slice text = call.arg(index);
    boolean counted = text.length > 0 && Memory.getByte(text.at) == '#';
    int from = counted ? 1 : 0;
    if (!Decimals.isCanonical(text.at + from, text.length - from)) {
      throw BIT_OFFSET;
    }
    long number = Decimals.parse(text.at + from, text.length - from);
    if (!counted) {
      return checkedOffset(call, number);
    }
    if (Math.multiplyHigh(number, bits) != number * bits >> 63) {
      throw BIT_OFFSET;
    }
    return checkedOffset(call, number * bits);
  }

  private static int mask(long offset) {
    return 1 << (BITS_PER_BYTE - 1 - (int) (offset % BITS_PER_BYTE));
  }

  /// SETBIT — Sets or clears one bit of a string.
  static final Command SETBIT =
      command(
          declare("SETBIT")
              .group(Group.BITMAP)
              .since("2.2.0")
              .complexity("O(1)")
              .summary("Sets or clears one bit of a string.")
              .arity(4)
              .flags(WRITE, DENYOOM)
              .keys(first(RW, ACCESS, UPDATE))
              .args(key("key"), integer("offset"), integer("value"))
              .replies(ReplyShape.integer()),
          BitCommands::setbit);

  private static void setbit(Call call) {
    long offset = offset(call, 2);
    long bit = call.integer(3, 0, 1, BIT_VALUE);
    Slice key = call.arg(1);
    Strings strings = call.keyspace().strings();
    long entry = call.db().write(key, Type.STRING);
    int index = (int) (offset / BITS_PER_BYTE);
    boolean grows = entry == 0 || strings.length(entry) <= index;
    long string = grows ? grown(call, key, entry, index + 1) : strings.raw(call.db(), entry);
    long at = strings.bytesAt(string) + index;
    int before = Memory.getByte(at);
    boolean wasSet = (before & mask(offset)) != 0;
    if (grows || wasSet != (bit == 1)) {
      Memory.putByte(at, (byte) (bit == 1 ? before | mask(offset) : before & ~mask(offset)));
      call.changed(key, KeyEvent.SETBIT);
    }
    call.reply().integer(wasSet ? 1 : 0);
  }

  /// The string, made if there is none, raw, touched and so long.
  static long grown(Call call, Slice key, long entry, int length) {
    Database db = call.db();
    Strings strings = call.keyspace().strings();
    long string =
        entry == 0 ? strings.add(db, key, new Slice().set(key.at, 0), Database.NO_DEADLINE) : entry;
    return strings.writable(db, string, length);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "BITCOUNT BITOP BITPOS GETBIT SETBIT";

  public static List<Command> all() {
    return List.of(BITCOUNT, BITOP, BITPOS, GETBIT, SETBIT);
  }
}

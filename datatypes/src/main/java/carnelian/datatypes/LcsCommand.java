package carnelian.datatypes;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeySpec.at;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.Type;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.resp.Reply;
import java.util.List;

/// LCS: the longest common subsequence of two strings.
public final class LcsCommand {
  /// Cells of the table that are computed at most: half a gigabyte, as in Redis.
  private static final long MAX_CELLS = 1L << 27;

  private static final ReplyError LENGTH_AND_INDEXES =
      ReplyError.err("If you want both the length and indexes, please just use IDX.");
  private static final ReplyError NOT_STRINGS =
      ReplyError.err("The specified keys must contain string values");
  private static final ReplyError TOO_LONG =
      ReplyError.err("Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");

  private LcsCommand() {}

  /// LCS — Finds the longest subsequence that two strings have in common.
  static final Command LCS =
      command(
          declare("LCS")
              .group(Group.STRING)
              .since("7.0.0")
              .complexity("O(N*M), N, M = lengths of s1 and s2, respectively")
              .summary("Finds the longest subsequence that two strings have in common.")
              .arity(-3)
              .flags(READONLY)
              .keys(at(1, RO, ACCESS).last(1))
              .args(
                  key("key1"),
                  key("key2"),
                  pureToken("LEN").optional(),
                  pureToken("IDX").optional(),
                  integer("min-match-len").token("MINMATCHLEN").optional(),
                  pureToken("WITHMATCHLEN").optional())
              .replies(ReplyShape.bulk(), ReplyShape.integer(), ReplyShape.map()),
          LcsCommand::lcs);

  private static void lcs(Call call) {
    long firstEntry = call.db().read(call.arg(1));
    long secondEntry = call.db().read(call.arg(2));
    byte[] first = string(call, firstEntry);
    byte[] second = string(call, secondEntry);
    boolean lengthOnly = false;
    boolean indexes = false;
    boolean withLengths = false;
    long shortest = 0;
    for (int i = 3; i < call.argc(); i++) {
      if (call.is(i, "IDX")) {
        indexes = true;
      } else if (call.is(i, "LEN")) {
        lengthOnly = true;
      } else if (call.is(i, "WITHMATCHLEN")) {
        withLengths = true;
      } else if (call.is(i, "MINMATCHLEN") && i + 1 < call.argc()) {
        shortest = Math.max(0, call.integer(++i));
      } else {
        throw ReplyError.SYNTAX;
      }
    }
    if (lengthOnly && indexes) {
      throw LENGTH_AND_INDEXES;
    }
    if ((first.length + 1L) * (second.length + 1L) > MAX_CELLS) {
      throw TOO_LONG;
    }
    try (Lengths lengths = new Lengths(first, second)) {
      if (lengthOnly) {
        call.reply().integer(lengths.at(first.length, second.length));
      } else if (indexes) {
        replyMatches(call, first, second, lengths, shortest, withLengths);
      } else {
        call.reply().bulk(common(first, second, lengths));
      }
    }
  }

  private static byte[] string(Call call, long entry) {
    if (entry == 0) {
      return new byte[0];
    }
    if (Database.type(entry) != Type.STRING) {
      throw NOT_STRINGS;
    }
    return call.keyspace().strings().get(entry, call.element()).toBytes();
  }

  /// For each pair of prefixes the length of what they have in common. Outside the Java heap, which
  /// a gigabyte would not fit into.
  private static final class Lengths implements AutoCloseable {
    private final NativeBuffer cells;
    private final long rowBytes;

    Lengths(byte[] first, byte[] second) {
      rowBytes = (second.length + 1L) * Integer.BYTES;
      cells = new NativeBuffer(Math.toIntExact((first.length + 1L) * rowBytes));
      for (int i = 0; i <= first.length; i++) {
        for (int j = 0; j <= second.length; j++) {
          int length = 0;
          if (i > 0 && j > 0) {
            length =
                first[i - 1] == second[j - 1]
                    ? at(i - 1, j - 1) + 1
                    : Math.max(at(i - 1, j), at(i, j - 1));
          }
          Memory.putInt(cell(i, j), length);
        }
      }
    }

    private long cell(int i, int j) {
      return cells.address() + i * rowBytes + (long) j * Integer.BYTES;
    }

    int at(int i, int j) {
      return Memory.getInt(cell(i, j));
    }

    @Override
    public void close() {
      cells.close();
    }
  }

  private static byte[] common(byte[] first, byte[] second, Lengths lengths) {
    int i = first.length;
    int j = second.length;
    byte[] common = new byte[lengths.at(i, j)];
    int at = common.length;
    while (i > 0 && j > 0) {
      if (first[i - 1] == second[j - 1]) {
        common[--at] = first[i - 1];
        i--;
        j--;
      } else if (lengths.at(i - 1, j) > lengths.at(i, j - 1)) {
        i--;
      } else {
        j--;
      }
    }
    return common;
  }

  /// Replies with the runs that both have, from the last to the first.
  private static void replyMatches(
      Call call, byte[] first, byte[] second, Lengths lengths, long shortest, boolean withLengths) {
    Reply reply = call.reply();
    reply.map(2);
    reply.bulk("matches");
    int mark = reply.deferArray();
    int matches = 0;
    int i = first.length;
    int j = second.length;
    while (i > 0 && j > 0) {
      int run = 0;
      while (i > run && j > run && first[i - 1 - run] == second[j - 1 - run]) {
        run++;
      }
      if (run > 0) {
        if (run >= shortest) {
          reply.array(withLengths ? 3 : 2);
          range(reply, i - run, i - 1);
          range(reply, j - run, j - 1);
          if (withLengths) {
            reply.integer(run);
          }
          matches++;
        }
        i -= run;
        j -= run;
      } else if (lengths.at(i - 1, j) > lengths.at(i, j - 1)) {
        i--;
      } else {
        j--;
      }
    }
    reply.closeArray(mark, matches);
    reply.bulk("len");
    reply.integer(lengths.at(first.length, second.length));
  }

  private static void range(Reply reply, int start, int end) {
    reply.array(2);
    reply.integer(start);
    reply.integer(end);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "LCS";

  public static List<Command> all() {
    return List.of(LCS);
  }
}

package carnelian.datatypes;

import static carnelian.command.Arg.key;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeySpec.at;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.engine.introspection.Help;
import carnelian.keyspace.Database;
import carnelian.keyspace.Encoding;
import carnelian.keyspace.EvictionSettings;
import java.util.List;

/// OBJECT: how a value is kept, and how it has been used.
public final class ObjectCommands {
  private static final int SHARED_INTEGERS = 10_000;

  private static final ReplyError NO_FREQUENCY =
      ReplyError.err(
          "An LFU maxmemory policy is not selected, access frequency not tracked. Please note that"
              + " when switching between policies at runtime LRU and LFU data will take some time"
              + " to adjust.");
  private static final ReplyError NO_IDLE_TIME =
      ReplyError.err(
          "An LFU maxmemory policy is selected, idle time not tracked. Please note that when"
              + " switching between policies at runtime LRU and LFU data will take some time to"
              + " adjust.");

  private ObjectCommands() {}

  /// OBJECT ENCODING — Replies with the encoding of a value.
  static final Command OBJECT_ENCODING =
      command(
          declare("OBJECT|ENCODING")
              .group(Group.GENERIC)
              .since("2.2.3")
              .complexity("O(1)")
              .summary("Replies with the encoding of a value.")
              .arity(3)
              .flags(READONLY)
              .keys(at(2, RO))
              .args(key("key"))
              .replies(ReplyShape.nil(), ReplyShape.bulk())
              .tips(NONDETERMINISTIC_OUTPUT),
          ObjectCommands::objectEncoding);

  private static void objectEncoding(Call call) {
    long entry = find(call);
    if (entry == 0) {
      call.reply().nil();
    } else {
      call.reply().bulk(Database.encoding(entry).word());
    }
  }

  /// Asking how a value is kept does not count as using it.
  private static long find(Call call) {
    return call.db().peek(call.arg(2));
  }

  /// OBJECT FREQ — Replies with the access frequency counter of a value.
  static final Command OBJECT_FREQ =
      command(
          declare("OBJECT|FREQ")
              .group(Group.GENERIC)
              .since("4.0.0")
              .complexity("O(1)")
              .summary("Replies with the access frequency counter of a value.")
              .arity(3)
              .flags(READONLY)
              .keys(at(2, RO))
              .args(key("key"))
              .replies(ReplyShape.integer())
              .tips(NONDETERMINISTIC_OUTPUT),
          ObjectCommands::objectFreq);

  private static void objectFreq(Call call) {
    long entry = find(call);
    if (entry == 0) {
      call.reply().nil();
      return;
    }
    if (!call.keyspace().evictor().settings().policy().isLfu()) {
      throw NO_FREQUENCY;
    }
    call.reply().integer(call.keyspace().usage().frequency(entry));
  }

  /// OBJECT HELP — Lists the subcommands.
  static final Command OBJECT_HELP =
      command(
          declare("OBJECT|HELP")
              .group(Group.GENERIC)
              .since("6.2.0")
              .complexity("O(1)")
              .summary("Lists the subcommands.")
              .arity(2)
              .flags(LOADING, STALE)
              .replies(ReplyShape.array()),
          Help::help);

  /// OBJECT IDLETIME — Replies with the seconds since a value was last accessed.
  static final Command OBJECT_IDLETIME =
      command(
          declare("OBJECT|IDLETIME")
              .group(Group.GENERIC)
              .since("2.2.3")
              .complexity("O(1)")
              .summary("Replies with the seconds since a value was last accessed.")
              .arity(3)
              .flags(READONLY)
              .keys(at(2, RO))
              .args(key("key"))
              .replies(ReplyShape.integer())
              .tips(NONDETERMINISTIC_OUTPUT),
          ObjectCommands::objectIdletime);

  private static void objectIdletime(Call call) {
    long entry = find(call);
    if (entry == 0) {
      call.reply().nil();
      return;
    }
    if (call.keyspace().evictor().settings().policy().isLfu()) {
      throw NO_IDLE_TIME;
    }
    call.reply().integer(call.keyspace().usage().idleSeconds(entry));
  }

  /// OBJECT REFCOUNT — Replies with the reference count of a value.
  static final Command OBJECT_REFCOUNT =
      command(
          declare("OBJECT|REFCOUNT")
              .group(Group.GENERIC)
              .since("2.2.3")
              .complexity("O(1)")
              .summary("Replies with the reference count of a value.")
              .arity(3)
              .flags(READONLY)
              .keys(at(2, RO))
              .args(key("key"))
              .replies(ReplyShape.integer())
              .tips(NONDETERMINISTIC_OUTPUT),
          ObjectCommands::objectRefcount);

  /// Values are never shared here; small integers answer what Redis says of its shared ones, so
  /// that tools which tell them apart by it go on doing so. Redis shares none that might be evicted
  /// by their own access clocks.
  private static void objectRefcount(Call call) {
    long entry = find(call);
    if (entry == 0) {
      call.reply().nil();
      return;
    }
    EvictionSettings eviction = call.keyspace().evictor().settings();
    boolean redisShares = eviction.maxmemoryBytes() == 0 || !eviction.policy().usesAccessClock();
    boolean shared = redisShares && isSmallInteger(call, entry);
    call.reply().integer(shared ? Integer.MAX_VALUE : 1);
  }

  private static boolean isSmallInteger(Call call, long entry) {
    if (Database.encoding(entry) != Encoding.STRING_INT) {
      return false;
    }
    long value = call.keyspace().strings().asLong(entry);
    return value >= 0 && value < SHARED_INTEGERS;
  }

  /// OBJECT — Looks at how a value is kept; see its subcommands.
  static final Command OBJECT =
      container(
          declare("OBJECT")
              .group(Group.GENERIC)
              .since("2.2.3")
              .complexity("Depends on subcommand")
              .summary("Looks at how a value is kept; see its subcommands.")
              .arity(-2),
          List.of(OBJECT_ENCODING, OBJECT_FREQ, OBJECT_HELP, OBJECT_IDLETIME, OBJECT_REFCOUNT));

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "OBJECT";

  public static List<Command> all() {
    return List.of(OBJECT);
  }
}

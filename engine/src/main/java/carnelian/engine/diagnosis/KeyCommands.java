package carnelian.engine.diagnosis;

import static carnelian.command.Arg.integer;
import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.map;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.command.Tip.REQUEST_ALL_NODES;
import static carnelian.command.Tip.RESPONSE_SPECIAL;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;

import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.engine.introspection.Help;
import carnelian.resp.Reply;
import java.util.List;

/// HOTKEYS and BIGKEYS.
final class KeyCommands {
  private static final int DEFAULT_COUNT = 10;
  private static final long MILLIS_PER_SECOND = 1000;

  private final HotKeys hotKeys;
  private final Census census;

  KeyCommands(HotKeys hotKeys, Census census) {
    this.hotKeys = hotKeys;
    this.census = census;
  }

  List<Command> all() {
    return List.of(hotKeys(), bigKeys());
  }

  /// The number after `COUNT` from an argument on.
  private static int count(Call call, int first) {
    if (call.argc() == first) {
      return DEFAULT_COUNT;
    }
    if (call.argc() != first + 2 || !call.is(first, "COUNT")) {
      throw ReplyError.SYNTAX;
    }
    long count = call.integer(first + 1);
    if (count <= 0) {
      throw ReplyError.err("COUNT must be positive");
    }
    return (int) Math.min(count, Integer.MAX_VALUE);
  }

  // ---- HOTKEYS ---------------------------------------------------------------------------------

  /// HOTKEYS — Tells which keys are used most; see its subcommands.
  private Command hotKeys() {
    return container(
        declare("HOTKEYS")
            .group(Group.SERVER)
            .since("8.6.0")
            .complexity("Depends on subcommand")
            .summary("Tells which keys are used most; see its subcommands.")
            .arity(-2),
        List.of(hotKeysGet(), hotKeysHelp(), hotKeysReset()));
  }

  /// HOTKEYS GET — Replies with the keys that commands name most often.
  private Command hotKeysGet() {
    return command(
        declare("HOTKEYS|GET")
            .group(Group.SERVER)
            .since("8.6.0")
            .complexity("O(K), K = keys that are counted, at most 128")
            .summary("Replies with the keys that commands name most often.")
            .arity(-2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(integer("count").token("COUNT").optional())
            .replies(map())
            .tips(NONDETERMINISTIC_OUTPUT, REQUEST_ALL_NODES, RESPONSE_SPECIAL),
        this::getHotKeys);
  }

  private void getHotKeys(Call call) {
    List<HotKeys.HotKey> hottest = hotKeys.hottest(count(call, 2));
    Reply reply = call.reply();
    reply.map(7);
    reply.bulk("tracking-active");
    reply.integer(1);
    reply.bulk("sample-ratio");
    reply.integer(HotKeys.SAMPLE_RATIO);
    reply.bulk("collection-start-time-unix-ms");
    reply.integer(hotKeys.startMillis());
    reply.bulk("collection-duration-ms");
    reply.integer(Math.round(hotKeys.seconds() * MILLIS_PER_SECOND));
    reply.bulk("sampled-commands");
    reply.integer(hotKeys.samples());
    reply.bulk("by-calls");
    reply.array(2 * hottest.size());
    for (HotKeys.HotKey key : hottest) {
      reply.bulk(key.key());
      reply.integer(Math.round(key.callsPerSecond() * hotKeys.seconds()));
    }
    reply.bulk("keys");
    reply.array(hottest.size());
    for (HotKeys.HotKey key : hottest) {
      write(reply, key);
    }
  }

  private static void write(Reply reply, HotKeys.HotKey key) {
    reply.map(5);
    reply.bulk("key");
    reply.bulk(key.key());
    reply.bulk("db");
    reply.integer(key.database());
    reply.bulk("calls-per-second");
    reply.number(rounded(key.callsPerSecond()));
    reply.bulk("percent-of-calls");
    reply.number(rounded(key.percent()));
    reply.bulk("percent-writes");
    reply.number(rounded(key.writePercent()));
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }

  /// HOTKEYS HELP — Lists the subcommands.
  private static Command hotKeysHelp() {
    return command(
        declare("HOTKEYS|HELP")
            .group(Group.SERVER)
            .since("8.6.0")
            .complexity("O(1)")
            .summary("Lists the subcommands.")
            .arity(2)
            .flags(LOADING, STALE)
            .replies(array()),
        Help::help);
  }

  /// HOTKEYS RESET — Forgets which keys were used.
  private Command hotKeysReset() {
    return command(
        declare("HOTKEYS|RESET")
            .group(Group.SERVER)
            .since("8.6.0")
            .complexity("O(1)")
            .summary("Forgets which keys were used.")
            .arity(2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .replies(ok())
            .tips(REQUEST_ALL_NODES),
        call -> {
          hotKeys.reset();
          call.reply().ok();
        });
  }

  // ---- BIGKEYS ---------------------------------------------------------------------------------

  /// BIGKEYS — Replies with the keys that take most memory.
  private Command bigKeys() {
    return command(
        declare("BIGKEYS")
            .group(Group.SERVER)
            .since("8.6.0")
            .complexity("O(N), N = keys replied, or all keys if they are 1000 or less")
            .summary("Replies with the keys that take most memory.")
            .arity(-1)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(integer("count").token("COUNT").optional())
            .replies(map())
            .tips(NONDETERMINISTIC_OUTPUT, REQUEST_ALL_NODES, RESPONSE_SPECIAL),
        this::getBigKeys);
  }

  private void getBigKeys(Call call) {
    int count = count(call, 1);
    Tally tally = census.tally();
    List<Tally.BigKey> biggest = tally.biggest(count);
    Reply reply = call.reply();
    reply.map(5);
    reply.bulk("counted-at-unix-ms");
    reply.integer(tally.endMillis());
    reply.bulk("counted-keys");
    reply.integer(tally.keys());
    reply.bulk("counted-percent");
    reply.number(rounded(tally.percent()));
    reply.bulk("counted-bytes");
    reply.integer(tally.bytes());
    reply.bulk("keys");
    reply.array(biggest.size());
    for (Tally.BigKey key : biggest) {
      reply.map(5);
      reply.bulk("key");
      reply.bulk(key.key());
      reply.bulk("db");
      reply.integer(key.database());
      reply.bulk("type");
      reply.bulk(key.type().word());
      reply.bulk("bytes");
      reply.integer(key.bytes());
      reply.bulk("elements");
      reply.integer(key.elements());
    }
  }
}

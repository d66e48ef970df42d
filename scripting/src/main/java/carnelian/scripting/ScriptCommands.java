package carnelian.scripting;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.ALLOW_BUSY;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.MAY_REPLICATE;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.NO_MANDATORY_KEYS;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.SKIP_MONITOR;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.counted;
import static carnelian.command.ReplyShape.any;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.Tip.REQUEST_ALL_NODES;
import static carnelian.command.Tip.REQUEST_ALL_SHARDS;
import static carnelian.command.Tip.RESPONSE_AGG_LOGICAL_AND;
import static carnelian.command.Tip.RESPONSE_ALL_SUCCEEDED;
import static carnelian.command.Tip.RESPONSE_ONE_SUCCEEDED;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;
import static carnelian.engine.Command.turning;

import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.engine.introspection.Help;
import java.util.List;

/// The commands of scripts that clients send whole.
final class ScriptCommands {
  private static final ReplyError FLUSH_TYPE =
      ReplyError.err("SCRIPT FLUSH only support SYNC|ASYNC option");

  private final Scripts scripts;
  private final RunningScript running;

  ScriptCommands(Scripts scripts, RunningScript running) {
    this.scripts = scripts;
    this.running = running;
  }

  /// EVAL — Runs a Lua script.
  private Command eval() {
    return turning(
        declare("EVAL")
            .group(Group.SCRIPTING)
            .since("2.6.0")
            .complexity("Depends on the script that is executed")
            .summary("Runs a Lua script.")
            .arity(-3)
            .flags(NOSCRIPT, STALE, SKIP_MONITOR, MAY_REPLICATE, NO_MANDATORY_KEYS)
            .keys(counted(2, RW, ACCESS, UPDATE).notes("A script may do anything with its keys."))
            .args(
                string("script"),
                integer("numkeys"),
                key("key").multiple().optional(),
                string("arg").multiple().optional())
            .replies(any()),
        scripts::evalFlags,
        call -> scripts.eval(call, false));
  }

  /// EVAL_RO — Runs a Lua script that may not write.
  private Command evalRo() {
    return turning(
        declare("EVAL_RO")
            .group(Group.SCRIPTING)
            .since("7.0.0")
            .complexity("Depends on the script that is executed")
            .summary("Runs a Lua script that may not write.")
            .arity(-3)
            .flags(READONLY, NOSCRIPT, STALE, SKIP_MONITOR, NO_MANDATORY_KEYS)
            .keys(counted(2, RO, ACCESS).notes("A script may do anything with its keys."))
            .args(
                string("script"),
                integer("numkeys"),
                key("key").multiple().optional(),
                string("arg").multiple().optional())
            .replies(any()),
        scripts::evalFlags,
        call -> scripts.eval(call, true));
  }

  /// EVALSHA — Runs a Lua script that the server knows by its digest.
  private Command evalsha() {
    return turning(
        declare("EVALSHA")
            .group(Group.SCRIPTING)
            .since("2.6.0")
            .complexity("Depends on the script that is executed")
            .summary("Runs a Lua script that the server knows by its digest.")
            .arity(-3)
            .flags(NOSCRIPT, STALE, SKIP_MONITOR, MAY_REPLICATE, NO_MANDATORY_KEYS)
            .keys(counted(2, RW, ACCESS, UPDATE))
            .args(
                string("sha1"),
                integer("numkeys"),
                key("key").multiple().optional(),
                string("arg").multiple().optional())
            .replies(any()),
        scripts::evalshaFlags,
        call -> scripts.evalsha(call, false));
  }

  /// EVALSHA_RO — Runs a known Lua script that may not write.
  private Command evalshaRo() {
    return turning(
        declare("EVALSHA_RO")
            .group(Group.SCRIPTING)
            .since("7.0.0")
            .complexity("Depends on the script that is executed")
            .summary("Runs a known Lua script that may not write.")
            .arity(-3)
            .flags(READONLY, NOSCRIPT, STALE, SKIP_MONITOR, NO_MANDATORY_KEYS)
            .keys(counted(2, RO, ACCESS))
            .args(
                string("sha1"),
                integer("numkeys"),
                key("key").multiple().optional(),
                string("arg").multiple().optional())
            .replies(any()),
        scripts::evalshaFlags,
        call -> scripts.evalsha(call, true));
  }

  /// SCRIPT DEBUG — Chooses the debugging mode of the scripts that follow.
  private Command scriptDebug() {
    return command(
        declare("SCRIPT|DEBUG")
            .group(Group.SCRIPTING)
            .since("3.2.0")
            .complexity("O(1)")
            .summary("Chooses the debugging mode of the scripts that follow.")
            .arity(3)
            .flags(NOSCRIPT)
            .args(oneOf("mode", pureToken("YES"), pureToken("SYNC"), pureToken("NO")))
            .replies(ok()),
        ScriptCommands::debug);
  }

  /// SCRIPT EXISTS — Tells which scripts the server knows.
  private Command scriptExists() {
    return command(
        declare("SCRIPT|EXISTS")
            .group(Group.SCRIPTING)
            .since("2.6.0")
            .complexity("O(N), N = scripts asked for")
            .summary("Tells which scripts the server knows.")
            .arity(-3)
            .flags(NOSCRIPT)
            .args(string("sha1").multiple())
            .replies(array())
            .tips(REQUEST_ALL_SHARDS, RESPONSE_AGG_LOGICAL_AND),
        this::exists);
  }

  /// SCRIPT FLUSH — Forgets all scripts.
  private Command scriptFlush() {
    return command(
        declare("SCRIPT|FLUSH")
            .group(Group.SCRIPTING)
            .since("2.6.0")
            .complexity("O(N), N = scripts in cache")
            .summary("Forgets all scripts.")
            .arity(-2)
            .flags(NOSCRIPT)
            .args(
                oneOf("flush-type", pureToken("ASYNC"), pureToken("SYNC"))
                    .since("6.2.0")
                    .optional())
            .replies(ok())
            .tips(REQUEST_ALL_NODES, RESPONSE_ALL_SUCCEEDED)
            .history("6.2.0", "Takes `ASYNC` and `SYNC`."),
        this::flush);
  }

  /// SCRIPT HELP — Lists the subcommands.
  private Command scriptHelp() {
    return command(
        declare("SCRIPT|HELP")
            .group(Group.SCRIPTING)
            .since("5.0.0")
            .complexity("O(1)")
            .summary("Lists the subcommands.")
            .arity(2)
            .flags(LOADING, STALE)
            .replies(array()),
        Help::help);
  }

  /// SCRIPT KILL — Stops the script that is running.
  private Command scriptKill() {
    return command(
        declare("SCRIPT|KILL")
            .group(Group.SCRIPTING)
            .since("2.6.0")
            .complexity("O(1)")
            .summary("Stops the script that is running.")
            .arity(2)
            .flags(NOSCRIPT, ALLOW_BUSY)
            .replies(ok())
            .tips(REQUEST_ALL_SHARDS, RESPONSE_ONE_SUCCEEDED),
        this::kill);
  }

  /// SCRIPT LOAD — Remembers a script without running it.
  private Command scriptLoad() {
    return command(
        declare("SCRIPT|LOAD")
            .group(Group.SCRIPTING)
            .since("2.6.0")
            .complexity("O(N), N = bytes of the script")
            .summary("Remembers a script without running it.")
            .arity(3)
            .flags(NOSCRIPT, STALE)
            .args(string("script"))
            .replies(bulk())
            .tips(REQUEST_ALL_NODES, RESPONSE_ALL_SUCCEEDED),
        this::load);
  }

  /// SCRIPT — Deals with scripts; see its subcommands.
  private Command script() {
    return container(
        declare("SCRIPT")
            .group(Group.SCRIPTING)
            .since("2.6.0")
            .complexity("Depends on subcommand")
            .summary("Deals with scripts; see its subcommands.")
            .arity(-2),
        List.of(
            scriptDebug(),
            scriptExists(),
            scriptFlush(),
            scriptHelp(),
            scriptKill(),
            scriptLoad()));
  }

  /// Who asks for YES does not get it, and must not have scripts run for good after that.
  private static void debug(Call call) {
    Client client = call.client();
    if (!client.output().isEmpty()) {
      throw ReplyError.err("SCRIPT DEBUG must be called outside a pipeline");
    }
    if (call.is(2, "NO")) {
      client.debugging(Client.Debugging.OFF);
    } else if (call.is(2, "YES")) {
      client.debugging(Client.Debugging.FORKED);
      throw Scripts.FORKED;
    } else if (call.is(2, "SYNC")) {
      client.debugging(Client.Debugging.SYNC);
    } else {
      throw ReplyError.err("Use SCRIPT DEBUG YES/SYNC/NO");
    }
    call.reply().ok();
  }

  private void exists(Call call) {
    call.reply().array(call.argc() - 2);
    for (int i = 2; i < call.argc(); i++) {
      call.reply().integer(scripts.exists(call.arg(i)) ? 1 : 0);
    }
  }

  private void flush(Call call) {
    if (call.argc() > 3 || (call.argc() == 3 && !call.is(2, "SYNC") && !call.is(2, "ASYNC"))) {
      throw FLUSH_TYPE;
    }
    scripts.flush();
    call.reply().ok();
  }

  private void kill(Call call) {
    running.kill(true);
    call.reply().ok();
  }

  private void load(Call call) {
    call.reply().bulk(scripts.load(call.arg(2)));
  }

  List<Command> all() {
    return List.of(eval(), evalRo(), evalsha(), evalshaRo(), script());
  }
}

package carnelian.server;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.map;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.Tip.REQUEST_ALL_NODES;
import static carnelian.command.Tip.RESPONSE_ALL_SUCCEEDED;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;

import carnelian.base.config.Config;
import carnelian.base.config.ConfigRefusedException;
import carnelian.base.config.Directives;
import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import carnelian.engine.ServingState;
import carnelian.engine.introspection.Help;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// CONFIG: directives asked for, changed, and written back to their file.
final class ConfigCommands {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigCommands.class);

  private static final ReplyError NO_FILE =
      ReplyError.err("The server is running without a config file");

  private final Config config;
  private final Engine engine;
  private final Runnable resetStatistics;

  ConfigCommands(Config config, Engine engine, Runnable resetStatistics) {
    this.config = config;
    this.engine = engine;
    this.resetStatistics = resetStatistics;
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "CONFIG";

  List<Command> all() {
    return List.of(
        container(
            declare("CONFIG")
                .group(Group.SERVER)
                .since("2.0.0")
                .complexity("Depends on subcommand")
                .summary("Deals with directives; see its subcommands.")
                .arity(-2),
            List.of(get(), help(), resetstat(), rewrite(), set())));
  }

  /// CONFIG GET — Replies with the values of directives.
  private Command get() {
    return command(
        declare("CONFIG|GET")
            .group(Group.SERVER)
            .since("2.0.0")
            .complexity("O(N), N = configuration parameters provided")
            .summary("Replies with the values of directives.")
            .arity(-3)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(string("parameter").multiple())
            .replies(map())
            .history("7.0.0", "Takes more than one pattern."),
        call -> {
          SequencedMap<String, String> found = config.match(words(call, 2));
          call.reply().map(found.size());
          found.forEach(
              (name, value) -> {
                call.reply().bulk(name);
                call.reply().bulk(value);
              });
        });
  }

  private static List<String> words(Call call, int first) {
    List<String> words = new ArrayList<>();
    for (int i = first; i < call.argc(); i++) {
      words.add(call.arg(i).toString());
    }
    return words;
  }

  /// CONFIG HELP — Lists the subcommands.
  private Command help() {
    return command(
        declare("CONFIG|HELP")
            .group(Group.SERVER)
            .since("5.0.0")
            .complexity("O(1)")
            .summary("Lists the subcommands.")
            .arity(2)
            .flags(LOADING, STALE)
            .replies(array()),
        Help::help);
  }

  /// CONFIG RESETSTAT — Puts the counters of INFO back to zero.
  private Command resetstat() {
    return command(
        declare("CONFIG|RESETSTAT")
            .group(Group.SERVER)
            .since("2.0.0")
            .complexity("O(1)")
            .summary("Puts the counters of INFO back to zero.")
            .arity(2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .replies(ok())
            .tips(REQUEST_ALL_NODES, RESPONSE_ALL_SUCCEEDED),
        call -> {
          resetStatistics.run();
          call.reply().ok();
        });
  }

  /// CONFIG REWRITE — Writes the directives now in force to the configuration file.
  private Command rewrite() {
    return command(
        declare("CONFIG|REWRITE")
            .group(Group.SERVER)
            .since("2.8.0")
            .complexity("O(1)")
            .summary("Writes the directives now in force to the configuration file.")
            .arity(2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .replies(ok())
            .tips(REQUEST_ALL_NODES, RESPONSE_ALL_SUCCEEDED),
        this::rewrite);
  }

  private void rewrite(Call call) {
    if (config.file() == null) {
      throw NO_FILE;
    }
    try {
      config.rewrite();
    } catch (IOException e) {
      LOG.warn("CONFIG REWRITE failed: {}", e.toString());
      throw ReplyError.err("Rewriting config file: " + e.getMessage());
    }
    LOG.info("CONFIG REWRITE executed with success.");
    call.reply().ok();
  }

  /// CONFIG SET — Changes directives, all or none.
  private Command set() {
    return command(
        declare("CONFIG|SET")
            .group(Group.SERVER)
            .since("2.0.0")
            .complexity("O(N), N = configuration parameters provided")
            .summary("Changes directives, all or none.")
            .arity(-4)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(block("data", string("parameter"), string("value")).multiple())
            .replies(ok())
            .tips(REQUEST_ALL_NODES, RESPONSE_ALL_SUCCEEDED)
            .history("7.0.0", "Sets more than one directive."),
        this::set);
  }

  private void set(Call call) {
    if (call.argc() % 2 != 0) {
      throw Help.hint(call);
    }
    List<Config.Pair> pairs = new ArrayList<>();
    for (int i = 2; i < call.argc(); i += 2) {
      pairs.add(new Config.Pair(call.arg(i).toString(), call.arg(i + 1).toString()));
    }
    try {
      config.set(
          pairs,
          new Config.Caller(maySetProtected(call), engine.serving() == ServingState.LOADING));
    } catch (ConfigRefusedException e) {
      throw ReplyError.of(e.reply());
    }
    call.reply().ok();
  }

  private boolean maySetProtected(Call call) {
    return switch (config.get(Directives.ENABLE_PROTECTED_CONFIGS)) {
      case YES -> true;
      case NO -> false;
      case LOCAL -> Gateway.isLocal(call.client());
    };
  }
}

package carnelian.server;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.ALLOW_BUSY;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.NO_MULTI;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.engine.Command.command;

import carnelian.base.Clock;
import carnelian.base.Version;
import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import java.util.ArrayList;
import java.util.List;

/// Commands about the process as a whole: its time, its version, its end.
final class ServerCommands {
  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final int MAZE_ROWS = 8;
  private static final int MAZE_COLUMNS = 48;

  private static final ReplyError NO_SHUTDOWN = ReplyError.err("No shutdown in progress.");
  private static final ReplyError SHUTDOWN_FAILED =
      ReplyError.err("Errors trying to SHUTDOWN. Check logs.");
  private static final ReplyError NOT_A_LOLWUT_VERSION =
      ReplyError.err("value is not an integer or out of range");

  private final Clock clock;
  private final Shutdown shutdown;
  private final Engine engine;

  /// Who has asked for the end and waits for it.
  private final List<Client> waiting = new ArrayList<>();

  ServerCommands(Clock clock, Shutdown shutdown, Engine engine) {
    this.clock = clock;
    this.shutdown = shutdown;
    this.engine = engine;
    shutdown.onGivenUp(this::givenUp);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "LOLWUT SHUTDOWN TIME";

  List<Command> all() {
    return List.of(lolwut(), shutdown(), time());
  }

  /// LOLWUT — Shows a little computer art and the version.
  private Command lolwut() {
    return command(
        declare("LOLWUT")
            .group(Group.SERVER)
            .since("5.0.0")
            .summary("Shows a little computer art and the version.")
            .arity(-1)
            .flags(READONLY, FAST)
            .args(integer("version").token("VERSION").optional())
            .replies(bulk()),
        ServerCommands::lolwut);
  }

  /// The art is shown to who names a version; without one, it is the version that is asked for.
  private static void lolwut(Call call) {
    StringBuilder text = new StringBuilder();
    if (call.argc() > 2 && call.is(1, "VERSION")) {
      if (call.integer(2, NOT_A_LOLWUT_VERSION) > 0) {
        appendMaze(call, text);
      }
    }
    text.append("Redis ver. ").append(Version.REDIS).append('\n');
    call.reply().verbatim("txt", text.toString());
  }

  private static void appendMaze(Call call, StringBuilder text) {
    for (int row = 0; row < MAZE_ROWS; row++) {
      long walls = call.random().nextLong();
      for (int column = 0; column < MAZE_COLUMNS; column++) {
        text.append((walls >>> column & 1) == 0 ? '/' : '\\');
      }
      text.append('\n');
    }
    text.append('\n');
  }

  /// SHUTDOWN — Saves if asked to and ends the server.
  private Command shutdown() {
    return command(
        declare("SHUTDOWN")
            .group(Group.SERVER)
            .since("1.0.0")
            .complexity("O(N) when saving, N = keys; otherwise O(1)")
            .summary("Saves if asked to and ends the server.")
            .arity(-1)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE, NO_MULTI, ALLOW_BUSY)
            .args(
                oneOf("save-selector", pureToken("NOSAVE"), pureToken("SAVE")).optional(),
                pureToken("NOW").since("7.0.0").optional(),
                pureToken("FORCE").since("7.0.0").optional(),
                pureToken("ABORT").since("7.0.0").optional())
            .replies(ok())
            .history("7.0.0", "Takes `NOW`, `FORCE` and `ABORT`."),
        this::shutdown);
  }

  private void shutdown(Call call) {
    if (call.argc() == 2 && call.is(1, "ABORT")) {
      if (!shutdown.abort()) {
        throw NO_SHUTDOWN;
      }
      call.reply().ok();
      return;
    }
    Shutdown.Request request = request(call);
    ReplyError busy = engine.busy();
    if (busy != null) {
      if (request.saving() != Shutdown.Saving.NEVER) {
        throw busy; // What a script has half done is not saved.
      }
      engine.abandon();
    }
    if (!shutdown.begin(request)) {
      throw SHUTDOWN_FAILED;
    }
    // No reply: the client sees the connection end with the process, and nothing else before.
    if (busy == null) {
      waiting.add(call.client());
      engine.suspend(call.client());
    } else {
      call.client().outlet().pause();
    }
  }

  private void givenUp() {
    for (Client client : List.copyOf(waiting)) {
      if (client.isOpen()) {
        client.reply().error(SHUTDOWN_FAILED.text());
        engine.resume(client);
      }
    }
    waiting.clear();
  }

  private static Shutdown.Request request(Call call) {
    Shutdown.Saving saving = Shutdown.Saving.AS_CONFIGURED;
    boolean now = false;
    boolean force = false;
    for (int i = 1; i < call.argc(); i++) {
      if (call.is(i, "NOW")) {
        now = true;
      } else if (call.is(i, "FORCE")) {
        force = true;
      } else if (call.is(i, "SAVE") && saving != Shutdown.Saving.NEVER) {
        saving = Shutdown.Saving.ALWAYS;
      } else if (call.is(i, "NOSAVE") && saving != Shutdown.Saving.ALWAYS) {
        saving = Shutdown.Saving.NEVER;
      } else {
        throw ReplyError.SYNTAX;
      }
    }
    return new Shutdown.Request(saving, now, force);
  }

  /// TIME — Replies with the server's time.
  private Command time() {
    return command(
        declare("TIME")
            .group(Group.SERVER)
            .since("2.6.0")
            .complexity("O(1)")
            .summary("Replies with the server's time.")
            .arity(1)
            .flags(LOADING, STALE, FAST)
            .replies(array())
            .tips(NONDETERMINISTIC_OUTPUT),
        call -> {
          long micros = clock.wallMicros();
          call.reply().array(2);
          call.reply().bulkInteger(micros / MICROS_PER_SECOND);
          call.reply().bulkInteger(micros % MICROS_PER_SECOND);
        });
  }
}

package carnelian.server;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.integer;
import static carnelian.command.ReplyShape.nil;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.command.Tip.REQUEST_ALL_NODES;
import static carnelian.command.Tip.RESPONSE_ALL_SUCCEEDED;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;

import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.Pause;
import carnelian.engine.ReplyError;
import carnelian.engine.ReplyMode;
import carnelian.engine.acl.Acl;
import carnelian.engine.introspection.Help;
import carnelian.engine.pubsub.PubSub;
import carnelian.engine.tracking.Tracking;
import carnelian.engine.tracking.TrackingCommands;
import carnelian.memory.Slice;
import java.util.List;

/// CLIENT: what connections there are, and what one of them, or somebody for it, may change about
/// it.
final class ClientCommands {
  private static final ReplyError NO_SUCH_CLIENT = ReplyError.err("No such client");
  private static final ReplyError INVALID_ID = ReplyError.err("Invalid client ID");
  private static final ReplyError BAD_PAUSE =
      ReplyError.err("CLIENT PAUSE mode must be WRITE or ALL");
  private static final ReplyError BAD_UNBLOCK =
      ReplyError.err("CLIENT UNBLOCK reason should be TIMEOUT or ERROR");

  private final Engine engine;
  private final Acl acl;
  private final TrackingCommands tracking;
  private final ClientLine line;

  ClientCommands(Engine engine, PubSub pubSub, Acl acl, Tracking tracking) {
    this.engine = engine;
    this.acl = acl;
    this.tracking = new TrackingCommands(engine, tracking);
    line = new ClientLine(pubSub);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "CLIENT";

  /// CLIENT — Deals with connections; see its subcommands.
  List<Command> all() {
    return List.of(
        container(
            declare("CLIENT")
                .group(Group.CONNECTION)
                .since("2.4.0")
                .complexity("Depends on subcommand")
                .summary("Deals with connections; see its subcommands.")
                .arity(-2),
            List.of(
                tracking.caching(),
                getname(),
                tracking.getredir(),
                help(),
                id(),
                info(),
                kill(),
                listing(),
                noEvict(),
                noTouch(),
                pause(),
                replying(),
                setinfo(),
                setname(),
                tracking.tracking(),
                tracking.trackinginfo(),
                unblock(),
                unpause())));
  }

  /// CLIENT GETNAME — Replies with the connection's name.
  private Command getname() {
    return command(
        declare("CLIENT|GETNAME")
            .group(Group.CONNECTION)
            .since("2.6.9")
            .complexity("O(1)")
            .summary("Replies with the connection's name.")
            .arity(2)
            .flags(NOSCRIPT, LOADING, STALE)
            .replies(bulk(), nil()),
        ClientCommands::clientGetname);
  }

  private static void clientGetname(Call call) {
    String name = call.client().name();
    if (name.isEmpty()) {
      call.reply().nil();
    } else {
      call.reply().bulk(name);
    }
  }

  /// CLIENT HELP — Lists the subcommands.
  private Command help() {
    return command(
        declare("CLIENT|HELP")
            .group(Group.CONNECTION)
            .since("5.0.0")
            .complexity("O(1)")
            .summary("Lists the subcommands.")
            .arity(2)
            .flags(LOADING, STALE)
            .replies(array()),
        Help::help);
  }

  /// CLIENT ID — Replies with the connection's ID.
  private Command id() {
    return command(
        declare("CLIENT|ID")
            .group(Group.CONNECTION)
            .since("5.0.0")
            .complexity("O(1)")
            .summary("Replies with the connection's ID.")
            .arity(2)
            .flags(NOSCRIPT, LOADING, STALE)
            .replies(integer()),
        ClientCommands::clientId);
  }

  private static void clientId(Call call) {
    call.reply().integer(call.client().id());
  }

  /// CLIENT INFO — Describes this connection.
  private Command info() {
    return command(
        declare("CLIENT|INFO")
            .group(Group.CONNECTION)
            .since("6.2.0")
            .complexity("O(1)")
            .summary("Describes this connection.")
            .arity(2)
            .flags(NOSCRIPT, LOADING, STALE)
            .replies(bulk())
            .tips(NONDETERMINISTIC_OUTPUT),
        this::clientInfo);
  }

  private void clientInfo(Call call) {
    call.reply().verbatim("txt", line.of(engine.scriptRun().sent(call)) + "\n");
  }

  /// CLIENT KILL — Closes the connections that match a filter.
  private Command kill() {
    return command(
        declare("CLIENT|KILL")
            .group(Group.CONNECTION)
            .since("2.4.0")
            .complexity("O(N), N = client connections")
            .summary("Closes the connections that match a filter.")
            .arity(-3)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(
                oneOf(
                    "filter",
                    string("old-format").displayed("ip:port").deprecatedSince("2.8.12"),
                    oneOf(
                            "new-format",
                            integer("client-id").token("ID").since("2.8.12").optional(),
                            oneOf(
                                    "client-type",
                                    pureToken("NORMAL"),
                                    pureToken("MASTER").since("3.2.0"),
                                    pureToken("SLAVE"),
                                    pureToken("REPLICA").since("5.0.0"),
                                    pureToken("PUBSUB"))
                                .token("TYPE")
                                .since("2.8.12")
                                .optional(),
                            string("username").token("USER").optional(),
                            string("addr").token("ADDR").displayed("ip:port").optional(),
                            string("laddr")
                                .token("LADDR")
                                .displayed("ip:port")
                                .since("6.2.0")
                                .optional(),
                            oneOf("skipme", pureToken("YES"), pureToken("NO"))
                                .token("SKIPME")
                                .optional())
                        .multiple()))
            .replies(ok(), integer())
            .history("2.8.12", "Takes filters.")
            .history("2.8.12", "Takes `ID`.")
            .history("3.2.0", "`TYPE` may be `master`.")
            .history("5.0.0", "`TYPE` may be `replica`, which is `slave` by its new name.")
            .history("6.2.0", "Takes `LADDR`."),
        this::clientKill);
  }

  private void clientKill(Call call) {
    boolean old = call.argc() == 3;
    ClientFilter filter = old ? ClientFilter.peer(call.arg(2)) : ClientFilter.parse(call, 2, acl);
    int killed = 0;
    for (Client client : engine.clients().snapshot()) {
      if (filter.matches(client, call.client())) {
        engine.kill(client);
        killed++;
      }
    }
    if (!old) {
      call.reply().integer(killed);
    } else if (killed == 0) {
      throw NO_SUCH_CLIENT;
    } else {
      call.reply().ok();
    }
  }

  /// CLIENT LIST — Describes all connections, or those that match a filter.
  private Command listing() {
    return command(
        declare("CLIENT|LIST")
            .group(Group.CONNECTION)
            .since("2.4.0")
            .complexity("O(N), N = client connections")
            .summary("Describes all connections, or those that match a filter.")
            .arity(-2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(
                oneOf(
                        "client-type",
                        pureToken("NORMAL"),
                        pureToken("MASTER"),
                        pureToken("REPLICA"),
                        pureToken("PUBSUB"))
                    .token("TYPE")
                    .since("5.0.0")
                    .optional(),
                integer("client-id").token("ID").since("6.2.0").multiple().optional())
            .replies(bulk())
            .tips(NONDETERMINISTIC_OUTPUT)
            .history("2.8.12", "Replies with unique client `id` too.")
            .history("5.0.0", "Takes `TYPE`.")
            .history("6.0.0", "Replies with `user` too.")
            .history(
                "6.2.0",
                "Replies with `argv-mem`, `tot-mem`, `laddr` and `redir` too " + "and takes `ID`.")
            .history("7.0.0", "Replies with `resp`, `multi-mem`, `rbs` and `rbp` too.")
            .history("7.0.3", "Replies with `ssub` too."),
        this::clientList);
  }

  private void clientList(Call call) {
    StringBuilder text = new StringBuilder();
    if (call.argc() == 2) {
      for (Client client : engine.clients().all()) {
        line.append(text, client, call);
      }
    } else if (call.is(2, "TYPE") && call.argc() == 4) {
      ClientKind kind = ClientKind.named(call.arg(3));
      for (Client client : engine.clients().all()) {
        if (ClientKind.of(client) == kind) {
          line.append(text, client, call);
        }
      }
    } else if (call.is(2, "ID") && call.argc() > 3) {
      for (int i = 3; i < call.argc(); i++) {
        Client client = engine.clients().find(call.integer(i, INVALID_ID));
        if (client != null) {
          line.append(text, client, call);
        }
      }
    } else {
      throw ReplyError.SYNTAX;
    }
    call.reply().verbatim("txt", text.toString());
  }

  /// CLIENT NO-EVICT — Exempts the connection from client eviction, or not.
  private Command noEvict() {
    return command(
        declare("CLIENT|NO-EVICT")
            .group(Group.CONNECTION)
            .since("7.0.0")
            .complexity("O(1)")
            .summary("Exempts the connection from client eviction, or not.")
            .arity(3)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(oneOf("enabled", pureToken("ON"), pureToken("OFF")))
            .replies(ok()),
        ClientCommands::clientNoEvict);
  }

  private static void clientNoEvict(Call call) {
    call.client().noEvict(onOrOff(call, 2));
    call.reply().ok();
  }

  /// CLIENT NO-TOUCH — Lets the connection's commands leave access times alone, or not.
  private Command noTouch() {
    return command(
        declare("CLIENT|NO-TOUCH")
            .group(Group.CONNECTION)
            .since("7.2.0")
            .complexity("O(1)")
            .summary("Lets the connection's commands leave access times alone, or not.")
            .arity(3)
            .flags(NOSCRIPT, LOADING, STALE)
            .args(oneOf("enabled", pureToken("ON"), pureToken("OFF")))
            .replies(ok()),
        ClientCommands::clientNoTouch);
  }

  private static void clientNoTouch(Call call) {
    call.client().noTouch(onOrOff(call, 2));
    call.reply().ok();
  }

  /// CLIENT PAUSE — Holds up the commands of clients for a while.
  private Command pause() {
    return command(
        declare("CLIENT|PAUSE")
            .group(Group.CONNECTION)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Holds up the commands of clients for a while.")
            .arity(-3)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(
                integer("timeout"),
                oneOf("mode", pureToken("WRITE"), pureToken("ALL")).since("6.2.0").optional())
            .replies(ok())
            .history("6.2.0", "Takes a mode, `WRITE` or `ALL`."),
        this::clientPause);
  }

  private void clientPause(Call call) {
    if (call.argc() > 4) {
      throw Help.hint(call);
    }
    Pause kind = Pause.ALL;
    if (call.argc() == 4) {
      if (call.is(3, "WRITE")) {
        kind = Pause.WRITE;
      } else if (!call.is(3, "ALL")) {
        throw BAD_PAUSE;
      }
    }
    long millis = call.integer(2, ReplyError.TIMEOUT_NOT_AN_INTEGER);
    if (millis < 0) {
      throw ReplyError.TIMEOUT_NEGATIVE;
    }
    if (millis > Long.MAX_VALUE - call.nowMillis()) {
      throw ReplyError.TIMEOUT_OUT_OF_RANGE;
    }
    engine.pause(kind, call.nowMillis() + millis);
    call.reply().ok();
  }

  /// CLIENT REPLY — Says which commands of this connection are answered.
  private Command replying() {
    return command(
        declare("CLIENT|REPLY")
            .group(Group.CONNECTION)
            .since("3.2.0")
            .complexity("O(1)")
            .summary("Says which commands of this connection are answered.")
            .arity(3)
            .flags(NOSCRIPT, LOADING, STALE)
            .args(oneOf("action", pureToken("ON"), pureToken("OFF"), pureToken("SKIP")))
            .replies(ok()),
        ClientCommands::clientReply);
  }

  private static void clientReply(Call call) {
    Client client = call.client();
    if (call.is(2, "ON")) {
      client.replyMode(ReplyMode.ON);
      call.reply().ok();
    } else if (call.is(2, "OFF")) {
      client.replyMode(ReplyMode.OFF);
    } else if (!call.is(2, "SKIP")) {
      throw ReplyError.SYNTAX;
    } else if (client.replyMode() != ReplyMode.OFF) {
      client.replyMode(ReplyMode.SKIP_NEXT);
    }
  }

  /// CLIENT SETINFO — Records which library the client uses.
  private Command setinfo() {
    return command(
        declare("CLIENT|SETINFO")
            .group(Group.CONNECTION)
            .since("7.2.0")
            .complexity("O(1)")
            .summary("Records which library the client uses.")
            .arity(4)
            .flags(NOSCRIPT, LOADING, STALE)
            .args(
                oneOf(
                    "attr", string("libname").token("LIB-NAME"), string("libver").token("LIB-VER")))
            .replies(ok())
            .tips(REQUEST_ALL_NODES, RESPONSE_ALL_SUCCEEDED),
        ClientCommands::clientSetinfo);
  }

  private static void clientSetinfo(Call call) {
    ConnectionCommands.checkLength(call.arg(3));
    String value = call.arg(3).toString();
    boolean isName = call.is(2, "LIB-NAME");
    if (!isName && !call.is(2, "LIB-VER")) {
      throw ReplyError.err("Unrecognized option '" + call.arg(2) + "'");
    }
    if (!ConnectionCommands.isPlain(call.arg(3))) {
      throw ReplyError.err(call.arg(2) + " cannot contain spaces, newlines or special characters.");
    }
    if (isName) {
      call.client().libraryName(value);
    } else {
      call.client().libraryVersion(value);
    }
    call.reply().ok();
  }

  /// CLIENT SETNAME — Names the connection.
  private Command setname() {
    return command(
        declare("CLIENT|SETNAME")
            .group(Group.CONNECTION)
            .since("2.6.9")
            .complexity("O(1)")
            .summary("Names the connection.")
            .arity(3)
            .flags(NOSCRIPT, LOADING, STALE)
            .args(string("connection-name"))
            .replies(ok())
            .tips(REQUEST_ALL_NODES, RESPONSE_ALL_SUCCEEDED),
        ClientCommands::clientSetname);
  }

  private static void clientSetname(Call call) {
    Slice name = call.arg(2);
    ConnectionCommands.checkName(name);
    call.client().name(name.toString());
    call.reply().ok();
  }

  /// CLIENT UNBLOCK — Wakes another client that is blocked.
  private Command unblock() {
    return command(
        declare("CLIENT|UNBLOCK")
            .group(Group.CONNECTION)
            .since("5.0.0")
            .complexity("O(log N), N = client connections")
            .summary("Wakes another client that is blocked.")
            .arity(-3)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(
                integer("client-id"),
                oneOf("unblock-type", pureToken("TIMEOUT"), pureToken("ERROR")).optional())
            .replies(integer()),
        this::clientUnblock);
  }

  private void clientUnblock(Call call) {
    if (call.argc() > 4) {
      throw Help.hint(call);
    }
    boolean withError = call.argc() == 4 && call.is(3, "ERROR");
    if (call.argc() == 4 && !withError && !call.is(3, "TIMEOUT")) {
      throw BAD_UNBLOCK;
    }
    Client client = engine.clients().find(call.integer(2));
    boolean woken = client != null && engine.unblock(client, withError);
    call.reply().integer(woken ? 1 : 0);
  }

  /// CLIENT UNPAUSE — Lets paused clients go on.
  private Command unpause() {
    return command(
        declare("CLIENT|UNPAUSE")
            .group(Group.CONNECTION)
            .since("6.2.0")
            .complexity("O(N), N = paused clients")
            .summary("Lets paused clients go on.")
            .arity(2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .replies(ok()),
        this::clientUnpause);
  }

  private void clientUnpause(Call call) {
    engine.unpause();
    call.reply().ok();
  }

  private static boolean onOrOff(Call call, int index) {
    boolean on = call.is(index, "ON");
    if (!on && !call.is(index, "OFF")) {
      throw ReplyError.SYNTAX;
    }
    return on;
  }
}

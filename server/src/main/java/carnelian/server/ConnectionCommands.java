package carnelian.server;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.ALLOW_BUSY;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.NO_AUTH;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.map;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.ReplyShape.simple;
import static carnelian.command.Tip.REQUEST_ALL_SHARDS;
import static carnelian.command.Tip.RESPONSE_ALL_SUCCEEDED;
import static carnelian.engine.Command.command;

import carnelian.base.Version;
import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import carnelian.engine.acl.Acl;
import carnelian.engine.diagnosis.Diagnosis;
import carnelian.engine.pubsub.PubSub;
import carnelian.engine.tracking.Tracking;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import java.util.List;

/// What a client says of itself and its connection: who it is, which protocol it speaks, which
/// database it means.
final class ConnectionCommands {
  private static final ReplyError WRONG_PASSWORD =
      ReplyError.of("WRONGPASS invalid username-password pair or user is disabled.");
  private static final ReplyError NO_PASSWORD_SET =
      ReplyError.err(
          "AUTH <password> called without any password configured for the default user. Are you"
              + " sure your configuration is correct?");
  private static final ReplyError UNSUPPORTED_PROTOCOL =
      ReplyError.of("NOPROTO unsupported protocol version");
  private static final ReplyError NOT_A_VERSION =
      ReplyError.err("Protocol version is not an integer or out of range");
  private static final int MAX_NAME_BYTES = 4096;
  private static final ReplyError NAME_TOO_LONG =
      ReplyError.err("Client names have at most " + MAX_NAME_BYTES + " bytes.");
  private static final ReplyError BAD_NAME =
      ReplyError.err("Client names cannot contain spaces, newlines or special characters.");
  private static final ReplyError HELLO_FIRST =
      ReplyError.of(
          "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO"
              + " <proto> AUTH <user> <pass> option can be used to authenticate the client and"
              + " select the RESP protocol version at the same time");

  private static final int FIRST_VISIBLE = '!';
  private static final int LAST_VISIBLE = '~';

  private final Engine engine;
  private final Acl acl;
  private final PubSub pubSub;
  private final Diagnosis diagnosis;
  private final Tracking tracking;

  ConnectionCommands(
      Engine engine, Acl acl, PubSub pubSub, Diagnosis diagnosis, Tracking tracking) {
    this.engine = engine;
    this.acl = acl;
    this.pubSub = pubSub;
    this.diagnosis = diagnosis;
    this.tracking = tracking;
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "AUTH ECHO HELLO PING QUIT RESET SELECT";

  List<Command> all() {
    return List.of(auth(), echo(), hello(), ping(), quit(), reset(), select());
  }

  /// AUTH — Authenticates the connection.
  private Command auth() {
    return command(
        declare("AUTH")
            .group(Group.CONNECTION)
            .since("1.0.0")
            .complexity("O(N), N = passwords of the user")
            .summary("Authenticates the connection.")
            .arity(-2)
            .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
            .args(string("username").since("6.0.0").optional(), string("password"))
            .replies(ok())
            .history("6.0.0", "Takes a username."),
        call -> {
          if (call.argc() > 3) {
            throw ReplyError.SYNTAX;
          }
          boolean named = call.argc() == 3;
          if (!named && !acl.defaultNeedsPassword()) {
            throw NO_PASSWORD_SET;
          }
          authenticate(call, named ? call.arg(1).toString() : Client.DEFAULT_USER, call.argc() - 1);
          call.reply().ok();
        });
  }

  private void authenticate(Call call, String user, int passwordAt) {
    if (!acl.authenticate(call, user, call.arg(passwordAt).toString())) {
      throw WRONG_PASSWORD;
    }
  }

  /// ECHO — Replies with what it was given.
  private Command echo() {
    return command(
        declare("ECHO")
            .group(Group.CONNECTION)
            .since("1.0.0")
            .complexity("O(1)")
            .summary("Replies with what it was given.")
            .arity(2)
            .flags(LOADING, STALE, FAST)
            .args(string("message"))
            .replies(bulk()),
        call -> call.reply().bulk(call.arg(1)));
  }

  /// HELLO — Chooses the protocol version, and may log in and name the connection.
  private Command hello() {
    return command(
        declare("HELLO")
            .group(Group.CONNECTION)
            .since("6.0.0")
            .complexity("O(1)")
            .summary("Chooses the protocol version, and may log in and name the connection.")
            .arity(-1)
            .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
            .args(
                block(
                        "arguments",
                        integer("protover"),
                        block("auth", string("username"), string("password"))
                            .token("AUTH")
                            .optional(),
                        string("clientname").token("SETNAME").optional())
                    .optional())
            .replies(map())
            .history("6.2.0", "May be called without `protover`."),
        this::hello);
  }

  private void hello(Call call) {
    Client client = call.client();
    int protocol = client.protocol();
    if (call.argc() > 1) {
      long wanted = call.integer(1, NOT_A_VERSION);
      if (wanted < 2 || wanted > 3) {
        throw UNSUPPORTED_PROTOCOL;
      }
      protocol = (int) wanted;
    }
    Slice name = null;
    for (int i = 2; i < call.argc(); i++) {
      if (call.is(i, "AUTH") && i + 2 < call.argc()) {
        authenticate(call, call.arg(i + 1).toString(), i + 2);
        i += 2;
      } else if (call.is(i, "SETNAME") && i + 1 < call.argc()) {
        name = call.arg(++i);
        checkName(name);
      } else {
        throw ReplyError.err("Syntax error in HELLO option '" + call.arg(i) + "'");
      }
    }
    if (!client.isAuthenticated()) {
      throw HELLO_FIRST;
    }
    if (name != null) {
      client.name(name.toString());
    }
    client.protocol(protocol);
    describe(call.reply(), client);
  }

  /// Refuses names that would break the lines of CLIENT LIST.
  static void checkName(Slice name) {
    checkLength(name);
    if (!isPlain(name)) {
      throw BAD_NAME;
    }
  }

  /// Names of clients stand on the Java heap, as long as the connection is open.
  static void checkLength(Slice name) {
    if (name.length > MAX_NAME_BYTES) {
      throw NAME_TOO_LONG;
    }
  }

  /// Whether a text consists of visible ASCII characters alone.
  static boolean isPlain(Slice text) {
    for (int i = 0; i < text.length; i++) {
      int c = text.byteAt(i) & 0xff;
      if (c < FIRST_VISIBLE || c > LAST_VISIBLE) {
        return false;
      }
    }
    return true;
  }

  private static void describe(Reply reply, Client client) {
    reply.map(7);
    reply.bulk("server");
    reply.bulk("redis");
    reply.bulk("version");
    reply.bulk(Version.REDIS);
    reply.bulk("proto");
    reply.integer(client.protocol());
    reply.bulk("id");
    reply.integer(client.id());
    reply.bulk("mode");
    reply.bulk("standalone");
    reply.bulk("role");
    reply.bulk("master");
    reply.bulk("modules");
    reply.array(0);
  }

  /// PING — Says that the server answers.
  private Command ping() {
    return command(
        declare("PING")
            .group(Group.CONNECTION)
            .since("1.0.0")
            .complexity("O(1)")
            .summary("Says that the server answers.")
            .arity(-1)
            .flags(FAST)
            .tips(REQUEST_ALL_SHARDS, RESPONSE_ALL_SUCCEEDED)
            .args(string("message").optional())
            .replies(simple(), bulk()),
        ConnectionCommands::ping);
  }

  private static void ping(Call call) {
    if (call.argc() > 2) {
      throw ReplyError.wrongNumberOfArguments(call.name());
    }
    Reply reply = call.reply();
    if (call.client().subscriptions() > 0 && !reply.isResp3()) {
      reply.array(2);
      reply.bulk("pong");
      if (call.argc() == 2) {
        reply.bulk(call.arg(1));
      } else {
        reply.emptyBulk();
      }
    } else if (call.argc() == 2) {
      reply.bulk(call.arg(1));
    } else {
      reply.pong();
    }
  }

  /// QUIT — Closes the connection.
  private Command quit() {
    return command(
        declare("QUIT")
            .group(Group.CONNECTION)
            .since("1.0.0")
            .complexity("O(1)")
            .summary("Closes the connection.")
            .arity(-1)
            .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
            .replies(ok())
            .deprecated("7.2.0", "just closing the connection"),
        call -> {
          call.reply().ok();
          call.client().closeAfterReply();
        });
  }

  /// RESET — Brings the connection back to where it began.
  private Command reset() {
    return command(
        declare("RESET")
            .group(Group.CONNECTION)
            .since("6.2.0")
            .complexity("O(1)")
            .summary("Brings the connection back to where it began.")
            .arity(1)
            .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
            .replies(simple()),
        call -> {
          Client client = call.client();
          pubSub.forget(client);
          diagnosis.forget(client);
          tracking.forget(client);
          engine.reset(client);
          client.reply().simple("RESET");
        });
  }

  /// SELECT — Chooses the database.
  private Command select() {
    return command(
        declare("SELECT")
            .group(Group.CONNECTION)
            .since("1.0.0")
            .complexity("O(1)")
            .summary("Chooses the database.")
            .arity(2)
            .flags(LOADING, STALE, FAST)
            .args(integer("index"))
            .replies(ok()),
        call -> {
          long index = call.integerInRange(1, Integer.MIN_VALUE, Integer.MAX_VALUE);
          if (index < 0 || index >= call.keyspace().databases()) {
            throw ReplyError.DB_OUT_OF_RANGE;
          }
          call.client().select(call.keyspace().database((int) index));
          call.reply().ok();
        });
  }
}

package carnelian.replication;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.ALLOW_BUSY;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.NO_ASYNC_LOADING;
import static carnelian.command.CommandFlag.NO_MULTI;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.any;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.ok;
import static carnelian.engine.Command.command;

import carnelian.base.config.ReplicaOf;
import carnelian.command.AclCategory;
import carnelian.command.Arg;
import carnelian.command.Declaration;
import carnelian.command.DocFlag;
import carnelian.command.Group;
import carnelian.command.Tip;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.memory.Slice;
import carnelian.persistence.log.Log;
import carnelian.persistence.snapshot.SnapshotRecipient.Contents;
import java.util.List;
import java.util.Locale;

/// The commands of replication.
final class ReplicationCommands {
  private static final ReplyError NOT_WITH_PENDING_OUTPUT =
      ReplyError.err("SYNC and PSYNC are invalid with pending output");
  private static final ReplyError NEGATIVE_TIMEOUT = ReplyError.err("timeout is negative");
  private static final ReplyError NO_TIMEOUT =
      ReplyError.err("timeout is not an integer or out of range");
  private static final ReplyError NO_FAILOVER =
      ReplyError.err("FAILOVER is not supported: promote a replica with REPLICAOF NO ONE.");
  private static final ReplyError BAD_PORT = ReplyError.err("Invalid master port");
  private static final ReplyError BAD_HOST = ReplyError.err("Invalid master host");
  private static final ReplyError NOT_WHILE_REPLICA =
      ReplyError.err("Command is not valid when client is a replica.");
  private static final ReplyError NO_LINK =
      ReplyError.of("NOMASTERLINK Can't SYNC while not connected with my master");
  private static final ReplyError NO_WAIT =
      ReplyError.err(
          "WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a"
              + " replica is configured to be writable (which is not the default) writes to replicas"
              + " are just local and are not propagated.");
  private static final int MAX_PORT = 65535;
  private static final int MAX_ADDRESS = 255;

  private final Log log;
  private final Replicas replicas;
  private final Follower follower;

  ReplicationCommands(Log log, Replicas replicas, Follower follower) {
    this.log = log;
    this.replicas = replicas;
    this.follower = follower;
  }

  List<Command> all() {
    return List.of(
        failover(),
        psync(),
        replconf(),
        replicaOf("REPLICAOF", "5.0.0"),
        role(),
        replicaOf("SLAVEOF", "1.0.0"),
        sync(),
        waitFor());
  }

  /// REPLICAOF host port | NO ONE — Makes this server a copy of another one, or its own.
  private Command replicaOf(String name, String since) {
    boolean old = name.equals("SLAVEOF");
    Arg primary = block("host-port", string("host"), integer("port"));
    Arg noOne = block("no-one", pureToken("NO"), pureToken("ONE"));
    Declaration.Builder declaration =
        declare(name)
            .group(Group.SERVER)
            .since(since)
            .complexity("O(1)")
            .summary("Makes the server a copy of another one, or a primary again.")
            .arity(3)
            .flags(ADMIN, NOSCRIPT, STALE, NO_ASYNC_LOADING)
            .args(oneOf("args", primary, noOne))
            .replies(ok());
    if (old) {
      declaration.docFlags(DocFlag.DEPRECATED).deprecated("5.0.0", "`REPLICAOF`");
    }
    return command(declaration, this::replicaOf);
  }

  private void replicaOf(Call call) {
    if (call.is(1, "NO") && call.is(2, "ONE")) {
      follower.followNobody();
      call.reply().ok();
      return;
    }
    int port = (int) call.integer(2, 0, MAX_PORT, BAD_PORT);
    if (call.client().isReplica()) {
      throw NOT_WHILE_REPLICA;
    }
    if (call.arg(1).length > MAX_ADDRESS) {
      throw BAD_HOST;
    }
    ReplicaOf wanted = new ReplicaOf(call.arg(1).toString(), port);
    if (wanted.equals(follower.primary())) {
      call.reply().simple("OK Already connected to specified master");
      return;
    }
    follower.follow(wanted);
    call.reply().ok();
  }

  /// FAILOVER — Would hand the role over to a replica.
  private static Command failover() {
    return command(
        declare("FAILOVER")
            .group(Group.SERVER)
            .since("6.2.0")
            .summary("Hands the primary's role over to a replica; not supported here.")
            .arity(-1)
            .flags(ADMIN, NOSCRIPT, STALE)
            .args(
                block("target", string("host"), integer("port"), pureToken("FORCE").optional())
                    .token("TO")
                    .optional(),
                pureToken("ABORT").optional(),
                integer("milliseconds").token("TIMEOUT").optional())
            .replies(ok()),
        _ -> {
          throw NO_FAILOVER;
        });
  }

  // ---- What a replica sends --------------------------------------------------------------------

  /// PSYNC replicationid offset — Asks for the stream from a place on.
  private Command psync() {
    return command(
        declare("PSYNC")
            .group(Group.SERVER)
            .since("2.8.0")
            .summary("Asks for the stream of writes from a place on.")
            .arity(-3)
            .flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING, NO_MULTI)
            .args(string("replicationid"), integer("offset"))
            .replies(any()),
        this::psync);
  }

  private void psync(Call call) {
    if (isDisallowed(call)) {
      return;
    }
    if (call.argc() > 3) {
      throw NO_FAILOVER;
    }
    long offset = call.integer(2);
    // What is asked for is the next byte, counted from 1.
    if (!replicas.resume(call, text(call.arg(1)), Math.max(offset - 1, -1))) {
      replicas.begin(call, true);
    }
  }

  /// SYNC — Asks for a snapshot and the stream that follows it.
  private Command sync() {
    return command(
        declare("SYNC")
            .group(Group.SERVER)
            .since("1.0.0")
            .summary("Asks for a snapshot and the stream of writes that follows it.")
            .arity(1)
            .flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING, NO_MULTI)
            .replies(any()),
        call -> {
          if (!isDisallowed(call)) {
            replicas.begin(call, false);
          }
        });
  }

  /// True if the client is a replica already: it is not answered.
  private boolean isDisallowed(Call call) {
    if (call.client().isReplica()) {
      return true;
    }
    if (follower.isReplica() && !follower.isFollowing()) {
      throw NO_LINK;
    }
    if (!call.client().output().isEmpty() || call.client().subscriptions() > 0) {
      throw NOT_WITH_PENDING_OUTPUT;
    }
    return false;
  }

  private static String text(Slice argument) {
    return argument.length <= MAX_ADDRESS ? argument.toString() : "";
  }

  /// REPLCONF option value … — Says something of a replica to its primary, or the reverse.
  private Command replconf() {
    return command(
        declare("REPLCONF")
            .group(Group.SERVER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Tells a primary about its replica.")
            .arity(-1)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE, ALLOW_BUSY)
            .docFlags(DocFlag.SYSCMD)
            .replies(ok()),
        this::replconf);
  }

  private void replconf(Call call) {
    if (call.argc() % 2 == 0) {
      throw ReplyError.SYNTAX;
    }
    Replica.Introduction of = replicas.introduction(call.client());
    for (int i = 1; i < call.argc(); i += 2) {
      if (call.is(i, "ACK")) {
        acknowledge(call, i);
        return;
      }
      if (call.is(i, "GETACK")) {
        if (call.client().role() == Client.Role.PRIMARY) {
          follower.wantAcknowledgement();
        }
        return;
      }
      introduce(call, i, of);
    }
    call.reply().ok();
  }

  private void acknowledge(Call call, int at) {
    Replica replica = replicas.find(call.client());
    if (replica != null) {
      long durable = 0;
      if (call.argc() > at + 3 && call.is(at + 2, "FACK")) {
        durable = call.integer(at + 3);
      }
      replicas.acknowledged(replica, call.integer(at + 1), durable);
    }
  }

  private static void introduce(Call call, int at, Replica.Introduction of) {
    Slice value = call.arg(at + 1);
    if (call.is(at, "LISTENING-PORT")) {
      of.port = (int) call.integer(at + 1, 0, MAX_PORT, ReplyError.NOT_AN_INTEGER);
    } else if (call.is(at, "IP-ADDRESS")) {
      if (value.length > MAX_ADDRESS) {
        throw ReplyError.err(
            "REPLCONF ip-address provided by replica instance is too long: "
                + value.length
                + " bytes");
      }
      of.address = value.toString().replaceAll("[^0-9A-Za-z.:_-]", "?");
    } else if (call.is(at, "CAPA")) {
      of.endMarks |= value.isIgnoringCase("EOF");
      of.psync2 |= value.isIgnoringCase("PSYNC2");
    } else if (call.is(at, "RDB-ONLY")) {
      of.snapshotOnly = call.integer(at + 1, 0, 1, ReplyError.NOT_AN_INTEGER) == 1;
    } else if (call.is(at, "RDB-FILTER-ONLY")) {
      of.contents = filter(value);
    } else if (!call.is(at, "VERSION")) {
      throw ReplyError.err("Unrecognized REPLCONF option: " + text(call.arg(at)));
    }
  }

  /// What alone is to be in the snapshot: words between spaces.
  private static Contents filter(Slice value) {
    boolean functions = false;
    for (String word : text(value).split(" ", -1)) {
      switch (word.toLowerCase(Locale.ROOT)) {
        case "" -> {}
        case "functions" -> functions = true;
        default -> throw ReplyError.err("Unsupported rdb-filter-only option: " + word);
      }
    }
    return new Contents(false, functions);
  }

  // ---- What others ask -------------------------------------------------------------------------

  /// ROLE — Replies with what the server is, and with whom it is connected.
  private Command role() {
    return command(
        declare("ROLE")
            .group(Group.SERVER)
            .since("2.8.12")
            .complexity("O(1)")
            .summary("Replies with the server's role in replication.")
            .arity(1)
            .flags(NOSCRIPT, LOADING, STALE, FAST)
            .categories(AclCategory.ADMIN, AclCategory.DANGEROUS)
            .replies(array()),
        this::role);
  }

  private void role(Call call) {
    ReplicaOf primary = follower.primary();
    if (primary != null) {
      call.reply().array(5);
      call.reply().bulk("slave");
      call.reply().bulk(primary.host());
      call.reply().integer(primary.port());
      call.reply()
          .bulk(
              switch (follower.state()) {
                case FollowState.Primary _, FollowState.Unconnected _ -> "connect";
                case FollowState.Connecting _ -> "connecting";
                case FollowState.Receiving _, FollowState.Loading _ -> "sync";
                case FollowState.Following _ -> "connected";
              });
      call.reply().integer(follower.isFollowing() ? log.offset() : -1);
      return;
    }
    call.reply().array(3);
    call.reply().bulk("master");
    call.reply().integer(log.offset());
    List<Replica> online = replicas.all().stream().filter(Replica::isOnline).toList();
    call.reply().array(online.size());
    for (Replica replica : online) {
      call.reply().array(3);
      call.reply().bulk(replica.address());
      call.reply().bulkInteger(replica.introduction.port);
      call.reply().bulkInteger(replica.acknowledged);
    }
  }

  /// WAIT numreplicas timeout — Waits until replicas have the client's writes.
  private Command waitFor() {
    return command(
        declare("WAIT")
            .group(Group.GENERIC)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Waits until replicas have the client's writes.")
            .arity(3)
            .categories(AclCategory.CONNECTION)
            .args(integer("numreplicas"), integer("timeout"))
            .tips(Tip.REQUEST_ALL_SHARDS, Tip.RESPONSE_AGG_MIN)
            .replies(carnelian.command.ReplyShape.integer()),
        this::waitFor);
  }

  private void waitFor(Call call) {
    if (follower.isReplica()) {
      throw NO_WAIT;
    }
    long wanted = call.integer(1);
    long timeout = call.integer(2, NO_TIMEOUT);
    if (timeout < 0) {
      throw NEGATIVE_TIMEOUT;
    }
    replicas.waits().waitFor(call, wanted, timeout);
  }
}

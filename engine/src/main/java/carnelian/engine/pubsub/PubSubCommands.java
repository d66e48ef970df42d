package carnelian.engine.pubsub;

import static carnelian.command.Arg.pattern;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.MAY_REPLICATE;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.PUBSUB;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.NOT_KEY;
import static carnelian.command.KeySpec.allFrom;
import static carnelian.command.KeySpec.first;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.integer;
import static carnelian.command.ReplyShape.push;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;

import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.KeyMap;
import carnelian.engine.introspection.Help;
import carnelian.memory.Glob;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import java.util.List;

/// The commands of publish and subscribe.
public final class PubSubCommands {
  private final PubSub pubSub;

  public PubSubCommands(PubSub pubSub) {
    this.pubSub = pubSub;
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  public static final String NAMES =
      "PSUBSCRIBE PUBLISH PUBSUB PUNSUBSCRIBE SPUBLISH SSUBSCRIBE SUBSCRIBE SUNSUBSCRIBE "
          + "UNSUBSCRIBE";

  public List<Command> all() {
    return List.of(
        psubscribe(),
        publish(),
        pubsub(),
        punsubscribe(),
        spublish(),
        ssubscribe(),
        subscribe(),
        sunsubscribe(),
        unsubscribe());
  }

  // ---- Subscribing -----------------------------------------------------------------------------

  /// SUBSCRIBE — Subscribes to channels.
  private Command subscribe() {
    return command(
        declare("SUBSCRIBE")
            .group(Group.PUBSUB)
            .since("2.0.0")
            .complexity("O(N), N = channels to subscribe to")
            .summary("Subscribes to channels.")
            .arity(-2)
            .flags(PUBSUB, NOSCRIPT, LOADING, STALE)
            .args(string("channel").multiple())
            .replies(push()),
        call -> subscribe(call, Topic.Kind.CHANNEL));
  }

  /// PSUBSCRIBE — Subscribes to all channels that match patterns.
  private Command psubscribe() {
    return command(
        declare("PSUBSCRIBE")
            .group(Group.PUBSUB)
            .since("2.0.0")
            .complexity("O(N), N = patterns")
            .summary("Subscribes to all channels that match patterns.")
            .arity(-2)
            .flags(PUBSUB, NOSCRIPT, LOADING, STALE)
            .args(pattern("pattern").multiple())
            .replies(push()),
        call -> subscribe(call, Topic.Kind.PATTERN));
  }

  /// SSUBSCRIBE — Subscribes to shard channels.
  private Command ssubscribe() {
    return command(
        declare("SSUBSCRIBE")
            .group(Group.PUBSUB)
            .since("7.0.0")
            .complexity("O(N), N = shard channels to subscribe to")
            .summary("Subscribes to shard channels.")
            .arity(-2)
            .flags(PUBSUB, NOSCRIPT, LOADING, STALE)
            .keys(allFrom(1, NOT_KEY))
            .args(string("shardchannel").multiple())
            .replies(push()),
        call -> subscribe(call, Topic.Kind.SHARD_CHANNEL));
  }

  /// UNSUBSCRIBE — Gives up subscriptions to channels, or all of them.
  private Command unsubscribe() {
    return command(
        declare("UNSUBSCRIBE")
            .group(Group.PUBSUB)
            .since("2.0.0")
            .complexity("O(N), N = channels")
            .summary("Gives up subscriptions to channels, or all of them.")
            .arity(-1)
            .flags(PUBSUB, NOSCRIPT, LOADING, STALE)
            .args(string("channel").multiple().optional())
            .replies(push()),
        call -> unsubscribe(call, Topic.Kind.CHANNEL));
  }

  /// PUNSUBSCRIBE — Gives up subscriptions to patterns, or all of them.
  private Command punsubscribe() {
    return command(
        declare("PUNSUBSCRIBE")
            .group(Group.PUBSUB)
            .since("2.0.0")
            .complexity("O(N), N = patterns")
            .summary("Gives up subscriptions to patterns, or all of them.")
            .arity(-1)
            .flags(PUBSUB, NOSCRIPT, LOADING, STALE)
            .args(pattern("pattern").multiple().optional())
            .replies(push()),
        call -> unsubscribe(call, Topic.Kind.PATTERN));
  }

  /// SUNSUBSCRIBE — Gives up subscriptions to shard channels, or all of them.
  private Command sunsubscribe() {
    return command(
        declare("SUNSUBSCRIBE")
            .group(Group.PUBSUB)
            .since("7.0.0")
            .complexity("O(N), N = shard channels")
            .summary("Gives up subscriptions to shard channels, or all of them.")
            .arity(-1)
            .flags(PUBSUB, NOSCRIPT, LOADING, STALE)
            .keys(allFrom(1, NOT_KEY))
            .args(string("shardchannel").multiple().optional())
            .replies(push()),
        call -> unsubscribe(call, Topic.Kind.SHARD_CHANNEL));
  }

  private void subscribe(Call call, Topic.Kind kind) {
    for (int i = 1; i < call.argc(); i++) {
      pubSub.subscribe(call.client(), kind, call.arg(i));
    }
  }

  private void unsubscribe(Call call, Topic.Kind kind) {
    if (call.argc() == 1) {
      pubSub.unsubscribeAll(call.client(), kind);
      return;
    }
    for (int i = 1; i < call.argc(); i++) {
      pubSub.unsubscribe(call.client(), kind, call.arg(i));
    }
  }

  // ---- Publishing ------------------------------------------------------------------------------

  /// PUBLISH — Sends a message to a channel.
  private Command publish() {
    return command(
        declare("PUBLISH")
            .group(Group.PUBSUB)
            .since("2.0.0")
            .complexity(
                "O(N+M), N = subscribers of the channel, M = patterns anyone is " + "subscribed to")
            .summary("Sends a message to a channel.")
            .arity(3)
            .flags(PUBSUB, LOADING, STALE, FAST, MAY_REPLICATE)
            .args(string("channel"), string("message"))
            .replies(integer()),
        this::publish);
  }

  /// SPUBLISH — Sends a message to a shard channel.
  private Command spublish() {
    return command(
        declare("SPUBLISH")
            .group(Group.PUBSUB)
            .since("7.0.0")
            .complexity("O(N), N = subscribers of the shard channel")
            .summary("Sends a message to a shard channel.")
            .arity(3)
            .flags(PUBSUB, LOADING, STALE, FAST, MAY_REPLICATE)
            .keys(first(NOT_KEY))
            .args(string("shardchannel"), string("message"))
            .replies(integer()),
        this::spublish);
  }

  /// Replicas have subscribers too.
  private void publish(Call call) {
    call.replicate();
    call.reply().integer(pubSub.publish(call.arg(1), call.arg(2)));
  }

  private void spublish(Call call) {
    call.replicate();
    call.reply().integer(pubSub.publishToShard(call.arg(1), call.arg(2)));
  }

  // ---- Looking ---------------------------------------------------------------------------------

  /// PUBSUB — Looks at the state of publish and subscribe; see its subcommands.
  private Command pubsub() {
    return container(
        declare("PUBSUB")
            .group(Group.PUBSUB)
            .since("2.8.0")
            .complexity("Depends on subcommand")
            .summary("Looks at the state of publish and subscribe; see its subcommands.")
            .arity(-2),
        List.of(
            pubsubChannels(),
            pubsubHelp(),
            pubsubNumpat(),
            pubsubNumsub(),
            pubsubShardchannels(),
            pubsubShardnumsub()));
  }

  /// PUBSUB CHANNELS — Lists the channels with subscribers.
  private Command pubsubChannels() {
    return command(
        declare("PUBSUB|CHANNELS")
            .group(Group.PUBSUB)
            .since("2.8.0")
            .complexity("O(N), N = channels")
            .summary("Lists the channels with subscribers.")
            .arity(-2)
            .flags(PUBSUB, LOADING, STALE)
            .args(pattern("pattern").optional())
            .replies(array()),
        call -> channels(call, Topic.Kind.CHANNEL));
  }

  /// PUBSUB HELP — Lists the subcommands.
  private Command pubsubHelp() {
    return command(
        declare("PUBSUB|HELP")
            .group(Group.PUBSUB)
            .since("6.2.0")
            .complexity("O(1)")
            .summary("Lists the subcommands.")
            .arity(2)
            .flags(LOADING, STALE)
            .replies(array()),
        Help::help);
  }

  /// PUBSUB NUMPAT — Counts the patterns to which anyone is subscribed.
  private Command pubsubNumpat() {
    return command(
        declare("PUBSUB|NUMPAT")
            .group(Group.PUBSUB)
            .since("2.8.0")
            .complexity("O(1)")
            .summary("Counts the patterns to which anyone is subscribed.")
            .arity(2)
            .flags(PUBSUB, LOADING, STALE)
            .replies(integer()),
        call -> call.reply().integer(pubSub.patternCount()));
  }

  /// PUBSUB NUMSUB — Replies with the number of subscribers of channels.
  private Command pubsubNumsub() {
    return command(
        declare("PUBSUB|NUMSUB")
            .group(Group.PUBSUB)
            .since("2.8.0")
            .complexity("O(N), N = channels asked for")
            .summary("Replies with the number of subscribers of channels.")
            .arity(-2)
            .flags(PUBSUB, LOADING, STALE)
            .args(string("channel").multiple().optional())
            .replies(array()),
        call -> numbers(call, Topic.Kind.CHANNEL));
  }

  /// PUBSUB SHARDCHANNELS — Lists the shard channels with subscribers.
  private Command pubsubShardchannels() {
    return command(
        declare("PUBSUB|SHARDCHANNELS")
            .group(Group.PUBSUB)
            .since("7.0.0")
            .complexity("O(N), N = shard channels")
            .summary("Lists the shard channels with subscribers.")
            .arity(-2)
            .flags(PUBSUB, LOADING, STALE)
            .args(pattern("pattern").optional())
            .replies(array()),
        call -> channels(call, Topic.Kind.SHARD_CHANNEL));
  }

  /// PUBSUB SHARDNUMSUB — Replies with the number of subscribers of shard channels.
  private Command pubsubShardnumsub() {
    return command(
        declare("PUBSUB|SHARDNUMSUB")
            .group(Group.PUBSUB)
            .since("7.0.0")
            .complexity("O(N), N = shard channels asked for")
            .summary("Replies with the number of subscribers of shard channels.")
            .arity(-2)
            .flags(PUBSUB, LOADING, STALE)
            .args(string("shardchannel").multiple().optional())
            .replies(array()),
        call -> numbers(call, Topic.Kind.SHARD_CHANNEL));
  }

  private void channels(Call call, Topic.Kind kind) {
    Reply reply = call.reply();
    if (call.argc() > 3) {
      throw Help.hint(call);
    }
    Slice pattern = call.argc() == 3 ? call.arg(2) : null;
    Slice name = new Slice();
    int mark = reply.deferArray();
    int listed = 0;
    KeyMap.Node<Topic> each = pubSub.topics(kind).first();
    for (; each != null; each = each.next()) {
      each.value().name(name);
      if (pattern == null || Glob.matches(pattern, name)) {
        reply.bulk(name);
        listed++;
      }
    }
    reply.closeArray(mark, listed);
  }

  private void numbers(Call call, Topic.Kind kind) {
    Reply reply = call.reply();
    reply.array(2 * (call.argc() - 2));
    for (int i = 2; i < call.argc(); i++) {
      reply.bulk(call.arg(i));
      reply.integer(pubSub.subscribers(kind, call.arg(i)));
    }
  }
}

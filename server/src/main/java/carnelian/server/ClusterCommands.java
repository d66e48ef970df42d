package carnelian.server;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.NO_ASYNC_LOADING;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.ReplyShape.simple;
import static carnelian.command.ReplyShape.verbatim;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;

import carnelian.command.AclCategory;
import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Command;
import carnelian.engine.Handler;
import carnelian.engine.ReplyError;
import java.util.List;

/// The commands of a cluster's node, on a server that is none: all are known, to COMMAND, to ACL
/// rules and to scripts, and all are refused as Redis refuses them without `cluster-enabled`, HELP
/// included.
final class ClusterCommands {
  private static final ReplyError DISABLED =
      ReplyError.err("This instance has cluster support disabled");

  private static final Handler DISABLED_HERE =
      _ -> {
        throw DISABLED;
      };

  private ClusterCommands() {}

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "ASKING CLUSTER READONLY READWRITE";

  static List<Command> all() {
    return List.of(asking(), cluster(), readonly(), readwrite());
  }

  /// CLUSTER — Manages and describes the cluster; see its subcommands.
  private static Command cluster() {
    return container(
        declare("CLUSTER")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("Depends on subcommand")
            .summary("Manages and describes the cluster; see its subcommands.")
            .arity(-2),
        List.of(
            clusterAddslots(),
            clusterAddslotsrange(),
            clusterBumpepoch(),
            clusterCountFailureReports(),
            clusterCountkeysinslot(),
            clusterDelslots(),
            clusterDelslotsrange(),
            clusterFailover(),
            clusterFlushslots(),
            clusterForget(),
            clusterGetkeysinslot(),
            clusterHelp(),
            clusterInfo(),
            clusterKeyslot(),
            clusterLinks(),
            clusterMeet(),
            clusterMyid(),
            clusterMyshardid(),
            clusterNodes(),
            clusterReplicas(),
            clusterReplicate(),
            clusterReset(),
            clusterSaveconfig(),
            clusterSetConfigEpoch(),
            clusterSetslot(),
            clusterShards(),
            clusterSlaves(),
            clusterSlots()));
  }

  /// CLUSTER ADDSLOTS — Makes this node serve hash slots.
  private static Command clusterAddslots() {
    return command(
        declare("CLUSTER|ADDSLOTS")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(N), N = slots")
            .summary("Makes this node serve hash slots.")
            .arity(-3)
            .flags(ADMIN, STALE, NO_ASYNC_LOADING)
            .args(integer("slot").multiple())
            .replies(ok()),
        DISABLED_HERE);
  }

  /// CLUSTER ADDSLOTSRANGE — Makes this node serve ranges of hash slots.
  private static Command clusterAddslotsrange() {
    return command(
        declare("CLUSTER|ADDSLOTSRANGE")
            .group(Group.CLUSTER)
            .since("7.0.0")
            .complexity("O(N), N = slots in the ranges")
            .summary("Makes this node serve ranges of hash slots.")
            .arity(-4)
            .flags(ADMIN, STALE, NO_ASYNC_LOADING)
            .args(block("range", integer("start-slot"), integer("end-slot")).multiple())
            .replies(ok()),
        DISABLED_HERE);
  }

  /// CLUSTER BUMPEPOCH — Gives the node's configuration a new epoch.
  private static Command clusterBumpepoch() {
    return command(
        declare("CLUSTER|BUMPEPOCH")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Gives the node's configuration a new epoch.")
            .arity(2)
            .flags(ADMIN, STALE, NO_ASYNC_LOADING)
            .tips(NONDETERMINISTIC_OUTPUT)
            .replies(simple()),
        DISABLED_HERE);
  }

  /// CLUSTER COUNT-FAILURE-REPORTS — Counts how many nodes hold another one for failed.
  private static Command clusterCountFailureReports() {
    return command(
        declare("CLUSTER|COUNT-FAILURE-REPORTS")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(N), N = failure reports")
            .summary("Counts how many nodes hold another one for failed.")
            .arity(3)
            .flags(ADMIN, STALE)
            .args(string("node-id"))
            .tips(NONDETERMINISTIC_OUTPUT)
            .replies(ReplyShape.integer()),
        DISABLED_HERE);
  }

  /// CLUSTER COUNTKEYSINSLOT — Counts the keys of a hash slot on this node.
  private static Command clusterCountkeysinslot() {
    return command(
        declare("CLUSTER|COUNTKEYSINSLOT")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Counts the keys of a hash slot on this node.")
            .arity(3)
            .flags(STALE)
            .args(integer("slot"))
            .replies(ReplyShape.integer()),
        DISABLED_HERE);
  }

  /// CLUSTER DELSLOTS — Forgets who serves hash slots.
  private static Command clusterDelslots() {
    return command(
        declare("CLUSTER|DELSLOTS")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(N), N = slots")
            .summary("Forgets who serves hash slots.")
            .arity(-3)
            .flags(ADMIN, STALE, NO_ASYNC_LOADING)
            .args(integer("slot").multiple())
            .replies(ok()),
        DISABLED_HERE);
  }

  /// CLUSTER DELSLOTSRANGE — Forgets who serves ranges of hash slots.
  private static Command clusterDelslotsrange() {
    return command(
        declare("CLUSTER|DELSLOTSRANGE")
            .group(Group.CLUSTER)
            .since("7.0.0")
            .complexity("O(N), N = slots in the ranges")
            .summary("Forgets who serves ranges of hash slots.")
            .arity(-4)
            .flags(ADMIN, STALE, NO_ASYNC_LOADING)
            .args(block("range", integer("start-slot"), integer("end-slot")).multiple())
            .replies(ok()),
        DISABLED_HERE);
  }

  /// CLUSTER FAILOVER — Makes this replica take its primary's place.
  private static Command clusterFailover() {
    return command(
        declare("CLUSTER|FAILOVER")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Makes this replica take its primary's place.")
            .arity(-2)
            .flags(ADMIN, STALE, NO_ASYNC_LOADING)
            .args(oneOf("options", pureToken("FORCE"), pureToken("TAKEOVER")).optional())
            .replies(ok()),
        DISABLED_HERE);
  }

  /// CLUSTER FLUSHSLOTS — Forgets which hash slots this node serves.
  private static Command clusterFlushslots() {
    return command(
        declare("CLUSTER|FLUSHSLOTS")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Forgets which hash slots this node serves.")
            .arity(2)
            .flags(ADMIN, STALE, NO_ASYNC_LOADING)
            .replies(ok()),
        DISABLED_HERE);
  }

  /// CLUSTER FORGET — Removes a node from those that are known.
  private static Command clusterForget() {
    return command(
        declare("CLUSTER|FORGET")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Removes a node from those that are known.")
            .arity(3)
            .flags(ADMIN, STALE, NO_ASYNC_LOADING)
            .args(string("node-id"))
            .replies(ok()),
        DISABLED_HERE);
  }

  /// CLUSTER GETKEYSINSLOT — Replies with keys of a hash slot on this node.
  private static Command clusterGetkeysinslot() {
    return command(
        declare("CLUSTER|GETKEYSINSLOT")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(N), N = keys asked for")
            .summary("Replies with keys of a hash slot on this node.")
            .arity(4)
            .flags(STALE)
            .args(integer("slot"), integer("count"))
            .tips(NONDETERMINISTIC_OUTPUT)
            .replies(array()),
        DISABLED_HERE);
  }

  /// CLUSTER HELP — Lists the subcommands.
  private static Command clusterHelp() {
    return command(
        declare("CLUSTER|HELP")
            .group(Group.CLUSTER)
            .since("5.0.0")
            .complexity("O(1)")
            .summary("Lists the subcommands.")
            .arity(2)
            .flags(LOADING, STALE)
            .replies(array()),
        DISABLED_HERE);
  }

  /// CLUSTER INFO — Replies with the state of the cluster as this node sees it.
  private static Command clusterInfo() {
    return command(
        declare("CLUSTER|INFO")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Replies with the state of the cluster as this node sees it.")
            .arity(2)
            .flags(STALE)
            .tips(NONDETERMINISTIC_OUTPUT)
            .replies(verbatim()),
        DISABLED_HERE);
  }

  /// CLUSTER KEYSLOT — Replies with the hash slot of a key.
  private static Command clusterKeyslot() {
    return command(
        declare("CLUSTER|KEYSLOT")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(N), N = bytes of the key")
            .summary("Replies with the hash slot of a key.")
            .arity(3)
            .flags(STALE)
            .args(string("key"))
            .replies(ReplyShape.integer()),
        DISABLED_HERE);
  }

  /// CLUSTER LINKS — Replies with the links between this node and the others.
  private static Command clusterLinks() {
    return command(
        declare("CLUSTER|LINKS")
            .group(Group.CLUSTER)
            .since("7.0.0")
            .complexity("O(N), N = nodes")
            .summary("Replies with the links between this node and the others.")
            .arity(2)
            .flags(STALE)
            .tips(NONDETERMINISTIC_OUTPUT)
            .replies(array()),
        DISABLED_HERE);
  }

  /// CLUSTER MEET — Introduces another node to this one.
  private static Command clusterMeet() {
    return command(
        declare("CLUSTER|MEET")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Introduces another node to this one.")
            .arity(-4)
            .flags(ADMIN, STALE, NO_ASYNC_LOADING)
            .args(
                string("ip"),
                integer("port"),
                integer("cluster-bus-port").since("4.0.0").optional())
            .history("4.0.0", "Takes the port of the cluster bus.")
            .replies(ok()),
        DISABLED_HERE);
  }

  /// CLUSTER MYID — Replies with this node's ID.
  private static Command clusterMyid() {
    return command(
        declare("CLUSTER|MYID")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Replies with this node's ID.")
            .arity(2)
            .flags(STALE)
            .replies(bulk()),
        DISABLED_HERE);
  }

  /// CLUSTER MYSHARDID — Replies with the ID of this node's shard.
  private static Command clusterMyshardid() {
    return command(
        declare("CLUSTER|MYSHARDID")
            .group(Group.CLUSTER)
            .since("7.2.0")
            .complexity("O(1)")
            .summary("Replies with the ID of this node's shard.")
            .arity(2)
            .flags(STALE)
            .tips(NONDETERMINISTIC_OUTPUT)
            .replies(bulk()),
        DISABLED_HERE);
  }

  /// CLUSTER NODES — Replies with the nodes and who serves which hash slots.
  private static Command clusterNodes() {
    return command(
        declare("CLUSTER|NODES")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(N), N = nodes")
            .summary("Replies with the nodes and who serves which hash slots.")
            .arity(2)
            .flags(STALE)
            .tips(NONDETERMINISTIC_OUTPUT)
            .replies(verbatim()),
        DISABLED_HERE);
  }

  /// CLUSTER REPLICAS — Lists the replicas of a primary.
  private static Command clusterReplicas() {
    return command(
        declare("CLUSTER|REPLICAS")
            .group(Group.CLUSTER)
            .since("5.0.0")
            .complexity("O(N), N = replicas")
            .summary("Lists the replicas of a primary.")
            .arity(3)
            .flags(ADMIN, STALE)
            .args(string("node-id"))
            .tips(NONDETERMINISTIC_OUTPUT)
            .replies(array()),
        DISABLED_HERE);
  }

  /// CLUSTER REPLICATE — Makes this node a replica of another one.
  private static Command clusterReplicate() {
    return command(
        declare("CLUSTER|REPLICATE")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Makes this node a replica of another one.")
            .arity(3)
            .flags(ADMIN, STALE, NO_ASYNC_LOADING)
            .args(string("node-id"))
            .replies(ok()),
        DISABLED_HERE);
  }

  /// CLUSTER RESET — Makes this node forget the cluster.
  private static Command clusterReset() {
    return command(
        declare("CLUSTER|RESET")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(N), N = nodes; a replica deletes all its keys, too")
            .summary("Makes this node forget the cluster.")
            .arity(-2)
            .flags(ADMIN, STALE, NOSCRIPT)
            .args(oneOf("reset-type", pureToken("HARD"), pureToken("SOFT")).optional())
            .replies(ok()),
        DISABLED_HERE);
  }

  /// CLUSTER SAVECONFIG — Writes the node's configuration to disk.
  private static Command clusterSaveconfig() {
    return command(
        declare("CLUSTER|SAVECONFIG")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Writes the node's configuration to disk.")
            .arity(2)
            .flags(ADMIN, STALE, NO_ASYNC_LOADING)
            .replies(ok()),
        DISABLED_HERE);
  }

  /// CLUSTER SET-CONFIG-EPOCH — Sets the epoch of a new node's configuration.
  private static Command clusterSetConfigEpoch() {
    return command(
        declare("CLUSTER|SET-CONFIG-EPOCH")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Sets the epoch of a new node's configuration.")
            .arity(3)
            .flags(ADMIN, STALE, NO_ASYNC_LOADING)
            .args(integer("config-epoch"))
            .replies(ok()),
        DISABLED_HERE);
  }

  /// CLUSTER SETSLOT — Says who serves a hash slot, or that it moves.
  private static Command clusterSetslot() {
    return command(
        declare("CLUSTER|SETSLOT")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Says who serves a hash slot, or that it moves.")
            .arity(-4)
            .flags(ADMIN, STALE, NO_ASYNC_LOADING)
            .args(
                integer("slot"),
                oneOf(
                    "subcommand",
                    string("importing").displayed("node-id").token("IMPORTING"),
                    string("migrating").displayed("node-id").token("MIGRATING"),
                    string("node").displayed("node-id").token("NODE"),
                    pureToken("STABLE")))
            .replies(ok()),
        DISABLED_HERE);
  }

  /// CLUSTER SHARDS — Replies with the shards: their hash slots and nodes.
  private static Command clusterShards() {
    return command(
        declare("CLUSTER|SHARDS")
            .group(Group.CLUSTER)
            .since("7.0.0")
            .complexity("O(N), N = nodes")
            .summary("Replies with the shards: their hash slots and nodes.")
            .arity(2)
            .flags(LOADING, STALE)
            .tips(NONDETERMINISTIC_OUTPUT)
            .replies(array()),
        DISABLED_HERE);
  }

  /// CLUSTER SLAVES — Lists the replicas of a primary.
  private static Command clusterSlaves() {
    return command(
        declare("CLUSTER|SLAVES")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(N), N = replicas")
            .summary("Lists the replicas of a primary.")
            .arity(3)
            .flags(ADMIN, STALE)
            .args(string("node-id"))
            .tips(NONDETERMINISTIC_OUTPUT)
            .deprecated("5.0.0", "`CLUSTER REPLICAS`")
            .replies(array()),
        DISABLED_HERE);
  }

  /// CLUSTER SLOTS — Replies with ranges of hash slots and who serves them.
  private static Command clusterSlots() {
    return command(
        declare("CLUSTER|SLOTS")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(N), N = nodes")
            .summary("Replies with ranges of hash slots and who serves them.")
            .arity(2)
            .flags(LOADING, STALE)
            .tips(NONDETERMINISTIC_OUTPUT)
            .history("4.0.0", "Tells the IDs of nodes.")
            .history("7.0.0", "Tells more about how nodes are reached.")
            .deprecated("7.0.0", "`CLUSTER SHARDS`")
            .replies(array()),
        DISABLED_HERE);
  }

  /// ASKING — Lets the next command reach a hash slot that is being imported.
  private static Command asking() {
    return command(
        declare("ASKING")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Lets the next command reach a hash slot that is being imported.")
            .arity(1)
            .flags(FAST)
            .categories(AclCategory.CONNECTION)
            .replies(ok()),
        DISABLED_HERE);
  }

  /// READONLY — Lets this connection read from a replica.
  private static Command readonly() {
    return command(
        declare("READONLY")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Lets this connection read from a replica.")
            .arity(1)
            .flags(LOADING, STALE, FAST)
            .categories(AclCategory.CONNECTION)
            .replies(ok()),
        DISABLED_HERE);
  }

  /// READWRITE — Takes READONLY back.
  private static Command readwrite() {
    return command(
        declare("READWRITE")
            .group(Group.CLUSTER)
            .since("3.0.0")
            .complexity("O(1)")
            .summary("Takes READONLY back.")
            .arity(1)
            .flags(LOADING, STALE, FAST)
            .categories(AclCategory.CONNECTION)
            .replies(ok()),
        DISABLED_HERE);
  }
}

package carnelian.server;

import carnelian.engine.Client;
import carnelian.engine.ReplyError;
import carnelian.memory.Slice;

/// The classes of clients that CLIENT LIST and CLIENT KILL tell apart by `TYPE`.
enum ClientKind {
  NORMAL,
  MASTER,
  REPLICA,
  PUBSUB;

  /// A client that watches with MONITOR counts as a normal one.
  static ClientKind of(Client client) {
    return switch (client.role()) {
      case NORMAL -> client.subscriptions() > 0 ? PUBSUB : NORMAL;
      case REPLICA -> REPLICA;
      case PRIMARY -> MASTER;
    };
  }

  /// The kind by its name, or by the old name of replicas.
  static ClientKind named(Slice name) {
    if (name.isIgnoringCase("SLAVE")) {
      return REPLICA;
    }
    for (ClientKind kind : values()) {
      if (name.isIgnoringCase(kind.name())) {
        return kind;
      }
    }
    throw ReplyError.err("Unknown client type '" + name + "'");
  }
}

package carnelian.server;

import carnelian.base.ManualClock;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.Client;
import carnelian.engine.Engine;
import carnelian.net.Connection;
import carnelian.net.OutputLimits;
import carnelian.net.RequestHandler;
import carnelian.resp.ProtocolException;
import carnelian.resp.Reply;
import carnelian.resp.RequestBatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Between the network and the engine: makes clients of connections, or refuses them, and hands
/// over what they send. Everything runs on the engine's loop.
final class Gateway implements RequestHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

  /// Redis's 1 KiB beside its reply buffer of 16 KiB: who may do nothing need not be told much.
  private static final OutputLimits UNAUTHENTICATED = new OutputLimits(17 * 1024, 0, 0);

  private final Engine engine;
  private final Config config;
  private final Durability durability;
  private final Shutdown shutdown;
  private long refusedConnections;

  Gateway(Engine engine, Config config, Durability durability, Shutdown shutdown) {
    this.engine = engine;
    this.config = config;
    this.durability = durability;
    this.shutdown = shutdown;
  }

  /// `rejected_connections` of INFO.
  long refusedConnections() {
    return refusedConnections;
  }

  void resetStatistics() {
    refusedConnections = 0;
  }

  @Override
  public void opened(Connection connection) {
    if (engine.clients().size() >= config.get(Directives.MAXCLIENTS)) {
      refuse(connection, "ERR max number of clients reached");
    } else if (isProtectedFrom(connection)) {
      refuse(
          connection,
          "DENIED Carnelian is running in protected mode because protected mode is enabled and no"
              + " password is set for the default user. In this mode connections are only accepted"
              + " from the loopback interface. To accept others, set a password with requirepass,"
              + " or, if the network is safe, turn protected-mode off from a local connection or in"
              + " the configuration file.");
    } else {
      Client client = engine.connect(new ConnectionOutlet(connection, durability.gate()));
      connection.attach(client);
      connection.authenticated(client.isAuthenticated());
      connection.outputLimits(outputLimits(client));
    }
  }

  private boolean isProtectedFrom(Connection connection) {
    return config.get(Directives.PROTECTED_MODE)
        && !engine.passwordRequired()
        && !connection.isLocal();
  }

  /// Whether a client sits on this machine.
  static boolean isLocal(Client client) {
    return client.outlet() instanceof ConnectionOutlet outlet && outlet.connection().isLocal();
  }

  private void refuse(Connection connection, String error) {
    refusedConnections++;
    new Reply(connection.output()).error(error);
    connection.closeAfterReply();
  }

  private OutputLimits outputLimits(Client client) {
    if (!client.isAuthenticated()) {
      return UNAUTHENTICATED;
    }
    if (client.isReplica()) {
      return OutputLimits.NONE; // Replication bounds what waits for it.
    }
    var limits = config.get(Directives.CLIENT_OUTPUT_BUFFER_LIMIT);
    var limit = client.subscriptions() > 0 ? limits.pubsub() : limits.normal();
    return new OutputLimits(limit.hardBytes(), limit.softBytes(), limit.softSeconds());
  }

  @Override
  public int execute(Connection connection, RequestBatch batch) {
    if (!(connection.attachment() instanceof Client client)) {
      return batch.commands();
    }
    // In the middle of a script nothing is told that the disk does not know.
    boolean inTurn = engine.busy() != null;
    if (!inTurn && durability.holdsBack(connection, batch)) {
      return 0;
    }
    boolean knew = client.isAuthenticated();
    int subscriptions = client.subscriptions();
    boolean wasReplica = client.isReplica();
    int executed = engine.execute(client, batch);
    if (!inTurn
        && client.outlet() instanceof ConnectionOutlet outlet
        && !connection.output().isEmpty()) {
      durability.gate().hold(outlet);
    }
    boolean knows = client.isAuthenticated();
    if (knows != knew) {
      connection.authenticated(knows);
    }
    if (knows != knew
        || wasReplica != client.isReplica()
        || (subscriptions == 0) != (client.subscriptions() == 0)) {
      connection.outputLimits(outputLimits(client));
    }
    return executed;
  }

  @Override
  public void refused(Connection connection, ProtocolException error) {
    if (connection.attachment() instanceof Client client) {
      client.reply().error(error.reply());
    }
    LOG.debug("Protocol error from {}: {}", connection, error.getMessage());
  }

  @Override
  public void closed(Connection connection, String reason) {
    if (connection.attachment() instanceof Client client) {
      engine.disconnect(client);
      LOG.debug("{}: {}", connection, reason);
    }
  }

  @Override
  public void failed(Connection connection, Throwable bug) {
    shutdown.dieOf(bug);
    LOG.warn("A command of {} failed by a bug; the connection is closed", connection, bug);
  }

  /// By the machine's clock, unless the store's stands still.
  private long idleNanos(Client client, Connection connection) {
    return engine.clock() instanceof ManualClock clock
        ? TimeUnit.MILLISECONDS.toNanos(clock.wallMillis() - client.lastInteractionMillis())
        : connection.idleNanos();
  }

  /// Closes clients that were silent for too long, or that leave too much unread. Now and then.
  void closeIdleAndUnread() {
    long limitNanos = TimeUnit.SECONDS.toNanos(config.get(Directives.TIMEOUT));
    for (Client client : engine.clients().snapshot()) {
      if (!(client.outlet() instanceof ConnectionOutlet outlet)) {
        continue;
      }
      Connection connection = outlet.connection();
      boolean exempt =
          client.isBlocked()
              || client.subscriptions() > 0
              || client.isMonitor()
              || client.isReplica();
      if (limitNanos > 0 && !exempt && idleNanos(client, connection) > limitNanos) {
        LOG.debug("Closing idle client {}", connection);
        engine.kill(client);
      } else if (connection.isOverOutputLimit()) {
        LOG.warn("Client {} closed for overcoming of output buffer limits.", connection);
        engine.kill(client);
      }
    }
  }
}

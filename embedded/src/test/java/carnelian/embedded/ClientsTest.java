package carnelian.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.embedded.junit.CarnelianTest;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.params.SetParams;

/// What the README shows of Jedis and Lettuce, and more, with the client libraries themselves.
@CarnelianTest(virtualClock = true)
public class ClientsTest {
  @Test
  void jedis(Carnelian carnelian) {
    try (Jedis jedis = new Jedis(URI.create(carnelian.uri()))) {
      jedis.set("cart:7", "2 apples", SetParams.setParams().ex(1800));
      jedis.hset("user:7", Map.of("name", "Ada", "seen", "today"));
      carnelian.clock().advance(Duration.ofMinutes(30));
      assertThat(jedis.get("cart:7")).isNull();
      assertThat(jedis.hgetAll("user:7")).containsEntry("name", "Ada").hasSize(2);
      try (Transaction transaction = jedis.multi()) {
        transaction.incr("n");
        transaction.incr("n");
        assertThat(transaction.exec()).containsExactly(1L, 2L);
      }
      assertThat(carnelian.execute("GET", "n").asLong()).isEqualTo(2);
    }
  }

  @Test
  void lettuce(Carnelian carnelian) {
    RedisClient client = RedisClient.create(RedisURI.create(carnelian.uri()));
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      RedisCommands<String, String> redis = connection.sync();
      redis.set("cart:7", "2 apples", SetArgs.Builder.ex(1800));
      carnelian.clock().advance(Duration.ofMinutes(30));
      assertThat(redis.get("cart:7")).isNull();
      redis.zadd("board", 3, "ada");
      assertThat(redis.zscore("board", "ada")).isEqualTo(3.0);
      carnelian.faults().dropConnections();
      while (!answers(redis)) {
        Thread.onSpinWait();
      }
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  /// It connects again by itself; what it sends meanwhile may fail.
  private static boolean answers(RedisCommands<String, String> redis) {
    try {
      return redis.ping().equals("PONG");
    } catch (RedisException _) {
      return false;
    }
  }
}

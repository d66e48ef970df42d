package carnelian.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.AbstractTransaction;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.Response;

/// What an application does through Jedis.
class JedisTest {
  @TempDir Path directory;
  private ServerProcess server;

  @BeforeEach
  void start() {
    server = ServerProcess.carnelian(directory);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void jedis_worksOnEveryDataTypeAndTransactions() {
    try (RedisClient jedis = RedisClient.create("127.0.0.1", server.port())) {
      assertThat(jedis.set("greeting", "hello")).isEqualTo("OK");
      assertThat(jedis.get("greeting")).isEqualTo("hello");
      assertThat(jedis.incrBy("counter", 41) + 1).isEqualTo(42);
      jedis.hset("user:1", Map.of("name", "Ada", "born", "1815"));
      assertThat(jedis.hgetAll("user:1")).containsEntry("name", "Ada").hasSize(2);
      jedis.rpush("queue", "a", "b", "c");
      assertThat(jedis.lrange("queue", 0, -1)).containsExactly("a", "b", "c");
      jedis.sadd("tags", "x", "y");
      assertThat(jedis.smembers("tags")).containsExactlyInAnyOrder("x", "y");
      jedis.zadd("board", Map.of("low", 1.0, "high", 2.5));
      assertThat(jedis.zrange("board", 0, -1)).containsExactly("low", "high");
      assertThat(jedis.zscore("board", "high")).isEqualTo(2.5);
      assertThat(jedis.expire("greeting", 100)).isOne();
      assertThat(jedis.ttl("greeting")).isBetween(90L, 100L);
      try (AbstractTransaction transaction = jedis.multi()) {
        Response<Long> counter = transaction.incr("counter");
        Response<List<String>> queue = transaction.lrange("queue", 0, 0);
        transaction.exec();
        assertThat(counter.get()).isEqualTo(42);
        assertThat(queue.get()).containsExactly("a");
      }
    }
  }
}

package carnelian.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an application does through Lettuce.
class LettuceTest {
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
  void lettuce_overResp3_worksSynchronouslyAndPipelined() throws Exception {
    RedisClient client = RedisClient.create("redis://127.0.0.1:" + server.port());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      RedisCommands<String, String> commands = connection.sync();
      assertThat(commands.set("k", "v", SetArgs.Builder.ex(100))).isEqualTo("OK");
      assertThat(commands.mget("k", "absent"))
          .containsExactly(KeyValue.just("k", "v"), KeyValue.empty("absent"));
      commands.hset("h", Map.of("f", "1"));
      assertThat(commands.hincrby("h", "f", 4)).isEqualTo(5);
      assertThat(commands.zadd("z", 1.5, "m")).isOne();
      assertThat(commands.zrangeWithScores("z", 0, -1)).hasSize(1);
      assertThat(commands.clientList()).contains("lib-name=");
      List<RedisFuture<Long>> futures = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        futures.add(connection.async().incr("n"));
      }
      assertThat(futures.getLast().get(10, TimeUnit.SECONDS)).isEqualTo(1000);
    } finally {
      client.shutdown();
    }
  }
}

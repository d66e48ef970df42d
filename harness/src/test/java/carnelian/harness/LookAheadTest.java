package carnelian.harness;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.RandomSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LookAheadTest {
  private static final long SEED = 20_261_122;

  /// Several times what is looked at together.
  private static final int COMMANDS = 250;

  private static final int ROUNDS = 40;
  private static final int DATABASES = 3;
  private static final int KEYS = 12;

  private final TestStore store = TestStores.create();
  private final RandomSource random = RandomSource.seeded(SEED);
  private final List<Object[]> commands = new ArrayList<>();
  private final List<@Nullable Object> expected = new ArrayList<>();
  private final List<Map<String, String>> model = new ArrayList<>();
  private int database;

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void longPipeline_findsEachKeyWhateverTheCommandsBeforeItDid() {
    for (int i = 0; i < DATABASES; i++) {
      model.add(new HashMap<>());
    }
    for (int round = 0; round < ROUNDS; round++) {
      commands.clear();
      expected.clear();
      while (commands.size() < COMMANDS) {
        addCommand();
      }
      assertThat(store.first().pipeline(commands.toArray(Object[][]::new)))
          .as("seed %d, round %d", SEED, round)
          .isEqualTo(expected);
    }
  }

  private void addCommand() {
    String key = "key:" + random.nextInt(KEYS);
    Map<String, String> data = model.get(database);
    switch (random.nextInt(8)) {
      case 0, 1 -> {
        String value = "v" + commands.size();
        data.put(key, value);
        add("OK", "SET", key, value);
      }
      case 2, 3 -> add(data.get(key), "GET", key);
      case 4 -> add(data.remove(key), "GETDEL", key);
      case 5 -> {
        database = random.nextInt(DATABASES);
        add("OK", "SELECT", database);
      }
      case 6 -> add("peeked " + key, "BOX", "PEEK", key);
      default ->
          add(new ErrorReply("ERR wrong number of arguments for 'getdel' command"), "GETDEL");
    }
  }

  private void add(@Nullable Object reply, Object... command) {
    expected.add(reply);
    commands.add(command);
  }
}

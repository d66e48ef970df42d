package carnelian.datatypes;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.harness.TestStore;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GeoCommandsTest {
  private static TestStore store() {
    return TestStore.with(
        GeoCommands.all(),
        GeoSearchCommands.all(),
        SortedSetCommands.all(),
        SortedSetRangeCommands.all(),
        StringCommands.all());
  }

  private static TestStore sicily() {
    TestStore store = store();
    store.run("GEOADD", "Sicily", 13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania");
    return store;
  }

  @Test
  void geoadd_isPropagatedAsZadd() {
    try (TestStore store = sicily()) {
      assertThat(store.propagated())
          .containsExactly(
              "SELECT 0", "ZADD Sicily 3479099956230698 Palermo 3479447370796909 Catania");
      assertThat(store.events()).containsExactly("zadd Sicily@0");
      assertThat(store.run("GEOADD", "Sicily", "NX", "CH", 1, 1, "Palermo", 2, 2, "New"))
          .isEqualTo(1L);
      assertThat(store.propagated())
          .containsExactly("ZADD Sicily NX CH 3377822707026402 Palermo 3378191666521995 New");
    }
  }

  @Test
  void geoadd_checksAllPlacesFirst() {
    try (TestStore store = store()) {
      assertThat(store.run("GEOADD", "k", 1, 1, "a", 200, 100, "b"))
          .hasToString("-ERR invalid longitude,latitude pair 200.000000,100.000000");
      assertThat(store.run("GEOADD", "k", "NX", "XX", 1, 1, "a")).hasToString("-ERR syntax error");
      assertThat(store.run("GEOADD", "k", 1, 1))
          .hasToString("-ERR wrong number of arguments for 'geoadd' command");
      assertThat(store.run("ZCARD", "k")).isEqualTo(0L);
    }
  }

  @Test
  void geodist_geohash_geopos_answerRedisDigits() {
    try (TestStore store = sicily()) {
      assertThat(store.run("GEODIST", "Sicily", "Palermo", "Catania")).isEqualTo("166274.1516");
      assertThat(store.run("GEODIST", "Sicily", "Palermo", "Catania", "mi")).isEqualTo("103.3182");
      assertThat(store.run("GEODIST", "Sicily", "Palermo", "Nobody")).isNull();
      assertThat(store.run("GEOHASH", "Sicily", "Palermo", "Nobody"))
          .isEqualTo(Arrays.asList("sqc8b49rny0", null));
      assertThat(store.run("GEOPOS", "Sicily", "Palermo", "Nobody"))
          .isEqualTo(Arrays.asList(List.of("13.36138933897018433", "38.11555639549629859"), null));
      assertThat(store.first().resp3().raw("GEOPOS", "Sicily", "Palermo"))
          .isEqualTo("*1\r\n*2\r\n,13.36138933897018433\r\n,38.11555639549629859\r\n");
    }
  }

  @Test
  void geosearch_givesDistancesHashesAndPlaces() {
    try (TestStore store = sicily()) {
      assertThat(
              store.run(
                  "GEOSEARCH",
                  "Sicily",
                  "FROMLONLAT",
                  15,
                  37,
                  "BYRADIUS",
                  200,
                  "km",
                  "ASC",
                  "WITHDIST",
                  "WITHHASH"))
          .isEqualTo(
              List.of(
                  List.of("Catania", "56.4413", 3479447370796909L),
                  List.of("Palermo", "190.4424", 3479099956230698L)));
      assertThat(store.run("GEOSEARCH", "Sicily", "FROMMEMBER", "Catania", "BYBOX", 400, 10, "km"))
          .isEqualTo(List.of("Catania"));
      assertThat(store.run("GEORADIUS", "Sicily", 15, 37, 200, "km", "COUNT", 1, "DESC"))
          .isEqualTo(List.of("Palermo"));
    }
  }

  @Test
  void geosearchstore_storesScoresOrDistances_andReplacesWhatWasThere() {
    try (TestStore store = sicily()) {
      store.run("SET", "near", "x");
      store.events();
      assertThat(
              store.run(
                  "GEOSEARCHSTORE", "near", "Sicily", "FROMLONLAT", 15, 37, "BYRADIUS", 100, "km"))
          .isEqualTo(1L);
      assertThat(store.events()).containsExactly("geosearchstore near@0");
      assertThat(store.run("ZSCORE", "near", "Catania")).isEqualTo("3479447370796909");
      assertThat(store.run("GEORADIUS", "Sicily", 15, 37, 1, "m", "STORE", "near")).isEqualTo(0L);
      assertThat(store.events()).containsExactly("del near@0");
    }
  }

  @Test
  void searches_mistakes() {
    try (TestStore store = sicily()) {
      assertThat(store.run("GEOSEARCH", "Sicily", "BYRADIUS", 1, "m", "ASC", "WITHDIST"))
          .hasToString(
              "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH");
      assertThat(store.run("GEORADIUS", "Sicily", 1, 1, 1, "m", "WITHDIST", "STORE", "d"))
          .hasToString(
              "-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and"
                  + " WITHCOORD options");
      assertThat(store.run("GEORADIUS_RO", "Sicily", 1, 1, 1, "m", "STORE", "d"))
          .hasToString("-ERR syntax error");
      assertThat(store.run("GEORADIUS", "Sicily", 1, 1, -1, "m"))
          .hasToString("-ERR radius cannot be negative");
      assertThat(store.run("GEORADIUS", "Sicily", 1, 1, 1, "yd"))
          .hasToString("-ERR unsupported unit provided. please use M, KM, FT, MI");
      assertThat(store.run("GEORADIUSBYMEMBER", "Sicily", "Nobody", 1, "m"))
          .hasToString("-ERR could not decode requested zset member");
    }
  }

  /// Every place is found that looking at all of them finds.
  @Test
  void geosearch_findsWhatLookingAtAllFinds() {
    long seed = 11;
    SplittableRandom random = new SplittableRandom(seed);
    try (TestStore store = store()) {
      double[][] places = new double[300][];
      for (int i = 0; i < places.length; i++) {
        store.run("GEOADD", "k", random.nextDouble(-180, 180), random.nextDouble(-85, 85), "p" + i);
        GeoCell cell =
            GeoCell.ofScore(
                Double.parseDouble(
                    (String) Objects.requireNonNull(store.run("ZSCORE", "k", "p" + i))));
        places[i] = new double[] {cell.longitude(), cell.latitude()};
      }
      for (int round = 0; round < 200; round++) {
        double longitude = random.nextDouble(-100, 100);
        double latitude = random.nextDouble(-60, 60);
        double radius = random.nextDouble(1, 1_000_000);
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < places.length; i++) {
          double distance = GeoShape.distance(longitude, latitude, places[i][0], places[i][1]);
          if (distance <= radius) {
            expected.add("p" + i);
          }
        }
        Object found =
            store.run("GEOSEARCH", "k", "FROMLONLAT", longitude, latitude, "BYRADIUS", radius, "m");
        assertThat((Object) new HashSet<>((List<?>) Objects.requireNonNull(found)))
            .as("seed %d round %d", seed, round)
            .isEqualTo(expected);
      }
    }
  }
}

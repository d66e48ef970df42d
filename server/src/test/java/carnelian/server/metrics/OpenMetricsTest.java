package carnelian.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.server.metrics.OpenMetrics.Kind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OpenMetricsTest {
  private final OpenMetrics metrics = new OpenMetrics();

  private String page() {
    String page = new String(metrics.page(), StandardCharsets.UTF_8);
    if (!page.equals("# EOF\n")) {
      MetricsParser.parse(page);
    }
    return page;
  }

  @Test
  void emptyPage_hasItsEnd() {
    var _ = metrics.family("nothing", Kind.GAUGE, "Has no samples");
    assertThat(page()).isEqualTo("# EOF\n");
  }

  @Test
  void families_areWritten_eachInOnePiece() {
    metrics.family("a_bytes", Kind.COUNTER, "Bytes").add(7, "x", "1");
    metrics.family("b", Kind.GAUGE, "Others").add(0.5);
    metrics.family("a_bytes", Kind.COUNTER, "Bytes").add(8, "x", "2");

    assertThat(page())
        .isEqualTo(
            """
            # TYPE a_bytes counter
            # UNIT a_bytes bytes
            # HELP a_bytes Bytes
            a_bytes_total{x="1"} 7
            a_bytes_total{x="2"} 8
            # TYPE b gauge
            # HELP b Others
            b 0.5
            # EOF
            """);
  }

  @Test
  void labelsAndHelp_areEscaped_andNamesMadeClean() {
    metrics.family("a-b c", Kind.INFO, "A \"quoted\"\nback\\slash").add(1, "1x", "\"\\\n é");

    assertThat(page())
        .contains("# HELP a_b_c A \\\"quoted\\\"\\nback\\\\slash\n")
        .contains("a_b_c_info{_1x=\"\\\"\\\\\\n é\"} 1\n");
  }

  @Test
  void secondSampleOfOneSeries_isLeftOut() {
    OpenMetrics.Family family = metrics.family("a", Kind.GAUGE, "");
    family.add(1, "k", "v");
    family.add(2, "k", "v");

    assertThat(page()).contains("a{k=\"v\"} 1\n").doesNotContain(" 2\n");
  }

  @Test
  void histogram_isCumulative() {
    double[] ends = {0.001, 0.002};
    long[] counts = {3, 0, 2};
    metrics.family("a_seconds", Kind.HISTOGRAM, "T").addHistogram(ends, counts, 0.25, "c", "get");

    assertThat(page())
        .contains(
            """
            a_seconds_bucket{c="get",le="0.001"} 3
            a_seconds_bucket{c="get",le="0.002"} 3
            a_seconds_bucket{c="get",le="+Inf"} 5
            a_seconds_count{c="get"} 5
            a_seconds_sum{c="get"} 0.25
            """);
  }

  @Test
  void familyOfAnotherKind_isRefused() {
    var _ = metrics.family("a", Kind.GAUGE, "");
    assertThatThrownBy(() -> metrics.family("a", Kind.COUNTER, ""))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // ---- INFO ------------------------------------------------------------------------------------

  @Test
  void fieldsOfInfo_becomeMetrics_byTheirForm() {
    InfoMetrics info = new InfoMetrics(metrics);
    info.field("Memory", "used_memory", 1024);
    info.field("Memory", "used_memory_human", "1.00K");
    info.field("Memory", "used_memory_peak_perc", "99.50%");
    info.field("Memory", "maxmemory_policy", "noeviction");
    info.field("Stats", "total_commands_processed", 7L);
    info.field("Stats", "total_net_input_bytes", 9L);
    info.field("CPU", "used_cpu_sys", "0.125000");
    info.field("Persistence", "rdb_last_bgsave_status", "err");
    info.field("Keyspace", "db12", "keys=3,expires=1,avg_ttl=0");
    info.field("Keysizes", "db0_distrib_strings_sizes", "1=5,2K=6");
    info.field("Commandstats", "cmdstat_config|get", "calls=5,usec=9,usec_per_call=1.80");
    info.field("Errorstats", "errorstat_ERR", "count=4");
    info.field("Latencystats", "latency_percentiles_usec_get", "p50=1.003,p99.9=7.007");
    info.field("Replication", "slave0", "ip=127.0.0.1,port=7001,state=online,offset=42,lag=0");
    info.field("Replication", "master_replid", "1234567890123456789012345678901234567890");
    info.end();

    assertThat(MetricsParser.parse(page()).samples())
        .containsEntry("carnelian_used_memory", 1024.0)
        .containsEntry("carnelian_used_memory_peak_perc", 99.5)
        .containsEntry("carnelian_memory_info{maxmemory_policy=\"noeviction\"}", 1.0)
        .containsEntry("carnelian_commands_processed_total", 7.0)
        .containsEntry("carnelian_net_input_bytes_total", 9.0)
        .containsEntry("carnelian_used_cpu_sys_seconds_total", 0.125)
        .containsEntry("carnelian_rdb_last_bgsave_status", 0.0)
        .containsEntry("carnelian_db_keys{db=\"12\"}", 3.0)
        .containsEntry("carnelian_distrib_strings_sizes{db=\"0\",size=\"2K\"}", 6.0)
        .containsEntry("carnelian_cmdstat_calls_total{cmd=\"config|get\"}", 5.0)
        .containsEntry("carnelian_errorstat_count_total{error=\"ERR\"}", 4.0)
        .containsEntry("carnelian_latency_percentiles_usec{cmd=\"get\",quantile=\"0.999\"}", 7.007)
        .containsEntry("carnelian_slave_offset{slave=\"0\"}", 42.0)
        .containsEntry("carnelian_slave_info{slave=\"0\",ip=\"127.0.0.1\",state=\"online\"}", 1.0)
        .doesNotContainKey("carnelian_used_memory_human");
  }
}

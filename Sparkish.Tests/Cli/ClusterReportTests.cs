using System.Text.Json;
using Sparkish.Cli;
using Sparkish.Deploy;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Cli;

/// <summary>The state of a cluster for people and for programs.</summary>
internal sealed class ClusterReportTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly MasterStateResponse State = new("10.0.0.1", 7077, MasterStatus.Alive,
        [
            new(new WorkerId("worker-1"), "10.0.0.2", 4001, "ALIVE", 4, 3, 4096, 1024),
            new(new WorkerId("worker-2"), "10.0.0.3", 4001, "DEAD", 8, 0, 8192, 0),
        ],
        [new(new ApplicationId("app-1"), "count\u001b[2J", "ada", "RUNNING", 3, 1024, Start, null)],
        [new(new ApplicationId("app-0"), "over", "bob", "FINISHED", 0, 512, Start, Start.AddSeconds(61))],
        [new(new DriverId("driver-1"), DriverState.Running, "app.dll", new WorkerId("worker-1"), Start, null)],
        [new(new DriverId("driver-0"), DriverState.Error, "app.dll", null, Start, "no such file")]);

    [Test]
    public void Tables_show_totals_of_alive_workers_and_a_row_for_each()
    {
        var lines = ClusterTables.Of(State, Start.AddHours(1)).Split('\n');

        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines[0], Does.StartWith("Master spark://10.0.0.1:7077 is ALIVE: 1 alive workers, 3 of 4 cores and 1024 of 4096 MiB"));
            Assert.That(Cells("worker-1"), Is.EqualTo(new[] { "worker-1", "ALIVE", "3/4", "1024/4096" }));
            Assert.That(Cells("worker-2"), Is.EqualTo(new[] { "worker-2", "DEAD", "0/8", "0/8192" }));
            Assert.That(Cells("app-1"), Is.EqualTo(new[] { "app-1", "count\\u001b[2J", "ada", "RUNNING", "3", "1024", "1:00:00" }), "escaped");
            Assert.That(Cells("app-0")[^1], Is.EqualTo("0:01:01"));
            Assert.That(Cells("driver-1"), Is.EqualTo(new[] { "driver-1", "app.dll", "RUNNING", "worker-1" }));
            Assert.That(Cells("driver-0")[^1], Is.EqualTo("no such file"));
        }

        string[] Cells(string id) => lines.Single(line => line.StartsWith(id + " ", StringComparison.Ordinal)).Split("  ", StringSplitOptions.RemoveEmptyEntries)
            .Select(static cell => cell.Trim()).ToArray();
    }

    [Test]
    public void A_cluster_without_anything_has_one_line() => Assert.That(
        ClusterTables.Of(new MasterStateResponse("h", 1, MasterStatus.Recovering, [], [], [], [], []), Start),
        Is.EqualTo("Master spark://h:1 is RECOVERING: 0 alive workers, 0 of 0 cores and 0 of 0 MiB in use\n"));

    [Test]
    public void Json_has_the_names_of_Sparks_master_page()
    {
        var text = ClusterJson.Of(State, Start.AddSeconds(2));
        using var json = JsonDocument.Parse(text);
        var root = json.RootElement;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(text.TrimEnd('\n'), Does.Not.Contain("\n"), "one line");
            Assert.That((root.GetProperty("url").GetString(), root.GetProperty("status").GetString()), Is.EqualTo(("spark://10.0.0.1:7077", "ALIVE")));
            Assert.That((root.GetProperty("aliveworkers").GetInt32(), root.GetProperty("coresused").GetInt32()), Is.EqualTo((1, 3)));
            Assert.That(root.GetProperty("workers")[0].GetProperty("memoryfree").GetInt32(), Is.EqualTo(3072));
            Assert.That(root.GetProperty("activeapps")[0].GetProperty("duration").GetInt64(), Is.EqualTo(2000));
            Assert.That(root.GetProperty("activeapps")[0].GetProperty("starttime").GetInt64(), Is.EqualTo(Start.ToUnixTimeMilliseconds()));
            Assert.That(root.GetProperty("completeddrivers")[0].GetProperty("message").GetString(), Is.EqualTo("no such file"));
        }
    }
}

using System.Diagnostics.Metrics;
using Sparkish.Rpc;

namespace Sparkish.Tests.Docs;

/// <summary>The page of docs/rpc.md on dead letters and metrics.</summary>
internal sealed class RpcGuideSeeingTests
{
    [Test]
    public async Task Dead_letters_are_told_and_counted()
    {
        await using var env = RpcEnv.Create("guide");
        var lines = new List<string>();

        // <snippet dead-letters>
        using var subscription = env.DeadLetters.Subscribe(letter =>
            lines.Add($"{letter.Count} x {letter.MessageType?.Name} to {letter.Endpoint}: {letter.Reason}, {letter.Description}"));

        env.RefTo(new RpcEndpointAddress(env.Address, "nobody")).Send("hello");

        var lost = env.DeadLetters.Total;
        // </snippet>

        Assert.That((lines.Single(), lost), Is.EqualTo(("1 x String to nobody: EndpointNotFound, no such endpoint, or it has stopped", 1L)));
    }

    [Test]
    public void The_table_of_instruments_has_each_of_them_with_its_unit()
    {
        var rows = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == RpcMeter.Name) rows.Add($"| `{instrument.Name}` | {KindOf(instrument)} | `{instrument.Unit}` |");
            },
        };
        RpcMeter.CountRestart("guide"); // publishes the instruments

        listener.Start();

        var page = GuideText.Read("docs/rpc.md");
        Assert.That(rows, Has.Count.EqualTo(10).And.All.Matches<string>(row => page.Contains(row, StringComparison.Ordinal)));
    }

    private static string KindOf(Instrument instrument) => instrument switch
    {
        Counter<long> => "counter",
        ObservableUpDownCounter<long> => "up-down counter, observed",
        ObservableGauge<long> => "gauge, observed",
        _ => instrument.GetType().Name,
    };
}

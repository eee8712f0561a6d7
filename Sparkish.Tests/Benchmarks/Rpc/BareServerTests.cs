using Sparkish.Benchmarks.Rpc.Bare;

namespace Sparkish.Tests.Benchmarks.Rpc;

/// <summary>The baselines answer each load over a bare socket and over TLS; a lost byte or record would be an exception.</summary>
[TestFixture(false)]
[TestFixture(true)]
internal sealed class BareServerTests(bool secured)
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    [TestCase(1)]
    [TestCase(256)]
    public async Task Requests_are_answered_with_so_many_outstanding(int outstanding)
    {
        var readings = await OnServerAsync(peer => BarePipeline.MeasureAsync(peer, outstanding, payloadBytes: 64, Moment));

        Assert.That(readings, Has.Length.EqualTo(3).And.All.Positive);
    }

    [TestCase(64)]
    [TestCase(1024)]
    public async Task One_way_records_are_counted_by_the_receiver(int bytes)
    {
        var readings = await OnServerAsync(peer => BareOneWay.MeasureAsync(peer, bytes, Moment));

        Assert.That(readings, Has.Length.EqualTo(1).And.All.Positive);
    }

    [TestCase(1000)]
    [TestCase(100_000_000)]
    public async Task Streams_come_from_memory_and_from_a_file(long bytes)
    {
        var memory = await OnServerAsync(peer => BareBulk.MeasureAsync(peer, BareMode.Memory, bytes, bufferBytes: 1 << 16, Moment));
        var file = await OnServerAsync(peer => BareBulk.MeasureAsync(peer, BareMode.File, bytes, bufferBytes: 1 << 16, Moment));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(memory, Has.Length.EqualTo(1).And.All.Positive);
            Assert.That(file, Has.Length.EqualTo(1).And.All.Positive);
        }
    }

    private async Task<double[]> OnServerAsync(Func<BarePeer, Task<double[]>> measure)
    {
        using var body = new BulkBody();
        using var certificate = BareCertificate.Create(TimeProvider.System.GetUtcNow());
        await using var server = new BareServer(secured ? certificate : null, body);
        return await measure(new BarePeer(server.Port, secured ? BareCertificate.HashOf(certificate) : null));
    }
}

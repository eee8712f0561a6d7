using Sparkish.Deploy;
using Sparkish.Deploy.Master;
using Sparkish.Persistence.EventSourcing;
using Sparkish.Serialization;

namespace Sparkish.Tests.Deploy.Master;

/// <summary>That masters read what earlier versions of them have written.</summary>
internal sealed class MasterStateVersionsTests
{
    private static readonly DateTimeOffset Submitted = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Test]
    public void A_driver_that_ended_before_its_worker_was_recorded_is_read_without_one()
    {
        var before = new EndedDriver(new DriverId("driver-1"), DriverState.Failed, "app.dll", Submitted, "exit status 3");
        var written = new ByteWriter();
        var earlier = new StoredType<EndedDriver>(0);
        earlier.Write(written, before);
        var reader = new ByteReader(written.WrittenSpan);

        var now = new StoredType<CompletedDriver>(0).Read(ref reader, earlier.Definition);

        Assert.That(now, Is.EqualTo(new CompletedDriver(before.Id, before.State, before.MainClass, Submitted, before.Message)));
    }

    private sealed record EndedDriver(DriverId Id, DriverState State, string MainClass, DateTimeOffset Submitted, string? Message);
}

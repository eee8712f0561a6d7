using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Sparkish.Rpc;

namespace Sparkish.Tests.Rpc;

/// <summary>
/// Listens to the meter of the actor framework and keeps what is measured for the envs of one name: sums of counters, last values of observables.
/// </summary>
internal sealed class RecordedMeter : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _values = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public RecordedMeter(string envName)
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == RpcMeter.Name) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var name = instrument.Name;
            var isOurs = false;
            foreach (var (key, tag) in tags)
            {
                if (key != "sparkish.rpc.env") name += $" {tag}";
                else isOurs = Equals(tag, envName);
            }

            if (isOurs) _values.AddOrUpdate(name, value, (_, old) => instrument.IsObservable ? value : old + value);
        });
        _listener.Start();
    }

    /// <summary>What was measured under a name and the values of its tags; 0 if nothing was.</summary>
    public long this[string name]
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _values.GetValueOrDefault(name);
        }
    }

    public void Dispose() => _listener.Dispose();
}

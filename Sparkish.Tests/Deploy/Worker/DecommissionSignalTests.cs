using Sparkish.Deploy.Worker;
using Sparkish.Deploy.Worker.Processes;

namespace Sparkish.Tests.Deploy.Worker;

[Platform("Linux")]
[NonParallelizable]
internal sealed class DecommissionSignalTests
{
    private const string Key = "spark.worker.decommission.signal";

    [TestCase(null, 30)]
    [TestCase("usr2", 12)]
    [TestCase("SIGPWR", 30)]
    public async Task The_chosen_signal_calls_the_worker_and_does_not_end_the_process(string? name, int number)
    {
        var conf = new SparkConf(loadDefaults: false);
        if (name is not null) conf.Set(Key, name);
        var called = new TaskCompletionSource();
        using var listening = DecommissionSignal.Listen(conf, () => called.TrySetResult());

        UnixSignals.Send(Environment.ProcessId, number);

        await called.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Test]
    public void None_means_no_signal() =>
        Assert.That(DecommissionSignal.Listen(new SparkConf(loadDefaults: false).Set(Key, "none"), static () => { }), Is.Null);

    [TestCase("KILL")]
    [TestCase("")]
    public void Another_name_is_refused_with_those_that_can_be_chosen(string name) =>
        Assert.That(() => DecommissionSignal.Listen(new SparkConf(loadDefaults: false).Set(Key, name), static () => { }),
            Throws.TypeOf<SparkException>().With.Message.Contains($"{Key} is '{name}'").And.Message.Contains("PWR, USR1, USR2, none"));
}

using System.Runtime.CompilerServices;
using Sparkish.Deploy;
using Sparkish.Deploy.Logs;
using Sparkish.Deploy.Uploads;
using Sparkish.Executor;
using Sparkish.Serialization.Messages;
using Sparkish.Shuffle;

namespace Sparkish.Tests.Architecture;

/// <summary>Every message that crosses the wire has a rule, which its receiver asks before it does anything.</summary>
internal sealed class MessageRulesTests
{
    // The asker reads them: they come from the master, or from the driver whose code the executor runs in any case.
    private static readonly Type[] Replies = [typeof(SparkAppConfig), typeof(MapOutputStatuses)];

    [Test]
    public void Every_message_of_the_registries_has_a_rule_that_takes_any_content()
    {
        var types = DeployMessages.Register(SchedulerMessages.Register(new MessageRegistry())).Types
            .Select(type => type.Type).Where(type => type.Namespace!.StartsWith("Sparkish.Deploy", StringComparison.Ordinal) || IsOfEngine(type))
            .Except(Replies).ToList();

        Assume.That(types, Has.Count.GreaterThan(20));
        Assert.Multiple(() =>
        {
            // With nothing in any field: the worst that can come.
            foreach (var type in types) Assert.That(() => ProblemOf(RuntimeHelpers.GetUninitializedObject(type)), Throws.Nothing, type.Name);
        });
    }

    [Test]
    public void A_message_without_a_rule_is_an_error() =>
        Assert.That(() => DeployRules.ProblemOf(new Unruled()), Throws.InstanceOf<NotSupportedException>().With.Message.Contains("Unruled has no rule"));

    private static bool IsOfEngine(Type type) => type.Namespace is "Sparkish.Executor" or "Sparkish.Shuffle";

    private static string? ProblemOf(object message) => message switch
    {
        IToMaster m => DeployRules.ProblemOf(m),
        IToWorker m => DeployRules.ProblemOf(m),
        IToUploads m => UploadRules.ProblemOf(m),
        IFromUploads m => UploadRules.ProblemOf(m),
        IToLogs m => LogRules.ProblemOf(m),
        IFromLogs m => LogRules.ProblemOf(m),
        IToClient m => DeployRules.ProblemOf(m),
        IToSubmitter m => DeployRules.ProblemOf(m),
        IToDriver m => ExecutorRules.ProblemOf(m),
        IToExecutor m => ExecutorRules.ProblemOf(m),
        IToMapOutputTracker m => MapOutputRules.ProblemOf(m),
        _ => throw new NotSupportedException($"{message.GetType().Name} is for nobody: give it the marker of its receiver."),
    };

    private sealed record Unruled : IToMaster;
}

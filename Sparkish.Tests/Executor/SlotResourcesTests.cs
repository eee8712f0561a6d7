using Sparkish.Executor;

namespace Sparkish.Tests.Executor;

internal sealed class SlotResourcesTests
{
    private static readonly Dictionary<string, IReadOnlyList<string>> Two = new(StringComparer.Ordinal) { ["gpu"] = ["a", "b"], ["nic"] = ["n"] };

    [TestCase("1", 2, "a b")]
    [TestCase("2", 1, "a+b")]
    [TestCase("0.5", 4, "a a b b")]
    [TestCase("0.3", 6, "a a a b b b")]
    public void Slots_have_units_of_their_own(string amount, int slots, string expected)
    {
        var conf = Conf(amount);

        var actual = Enumerable.Range(0, slots).Select(slot => string.Join('+', SlotResources.Of(Two, conf, slot)["gpu"]));

        Assert.That(string.Join(' ', actual), Is.EqualTo(expected));
        Assert.That(() => SlotResources.ThrowIfTooFew([("gpu", 2)], conf, slots), Throws.Nothing);
        Assert.That(() => SlotResources.ThrowIfTooFew([("gpu", 2)], conf, slots + 1), Throws.TypeOf<SparkException>().With.Message.Contains("spark.executor.cores"));
        Assert.That(() => SlotResources.Of(Two, conf, slots), Throws.TypeOf<SparkException>().With.Message.Contains("too few"));
    }

    [Test]
    public void Slots_share_what_has_no_amount_of_a_task()
    {
        var conf = Conf("1");

        Assert.That(new[] { 0, 1 }.Select(slot => SlotResources.Of(Two, conf, slot)["nic"].Single()), Is.EqualTo(new[] { "n", "n" }));
    }

    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("0.7")]
    [TestCase("1.5")]
    [TestCase("many")]
    [TestCase("1,5")]
    [SetCulture("de-DE")]
    public void An_amount_that_cannot_be_shared_out_is_refused(string amount) =>
        Assert.That(() => SlotResources.ThrowIfTooFew([("gpu", 2)], Conf(amount), 1),
            Throws.TypeOf<SparkException>().With.Message.StartsWith($"spark.task.resource.gpu.amount is '{amount}'"));

    [Test]
    public void Without_a_number_of_cores_the_tasks_of_an_executor_cannot_have_units_of_their_own() =>
        Assert.That(() => SlotResources.ThrowIfTooFew([("gpu", 2)], Conf("1"), cores: null), Throws.TypeOf<SparkException>().With.Message.Contains("spark.executor.cores"));

    [Test]
    public void A_task_cannot_have_what_its_executor_has_not() =>
        Assert.That(() => SlotResources.ThrowIfTooFew([], Conf("1"), cores: 1), Throws.TypeOf<SparkException>().With.Message.Contains("spark.executor.resource.gpu.amount is 0"));

    private static SparkConf Conf(string amount) => new SparkConf(loadDefaults: false).Set("spark.task.resource.gpu.amount", amount);
}

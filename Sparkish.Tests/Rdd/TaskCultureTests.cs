using System.Globalization;

namespace Sparkish.Tests.Rdd;

/// <summary>Tasks run in the culture of the driver, or the one that the settings name, whatever tasks before them did.</summary>
public sealed class TaskCultureTests
{
    private sealed record Reading(double Value, DateTime At);

    [TestCase("local[1]")]
    [TestCase("local-cluster[1,1,1024]")]
    [SetCulture("de-DE")]
    public void Tasks_run_in_the_culture_of_the_driver_also_after_a_task_that_changed_it(string master)
    {
        using var sc = LocalContext.Start(master);

        var texts = sc.Parallelize([1.5, 2.5], 2).Map(static number =>
        {
            var text = $"{number}";
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-US");
            return text;
        }).Collect();

        Assert.That(texts, Is.EqualTo(new[] { "1,5", "2,5" }));
    }

    [Test]
    [SetCulture("de-DE")]
    public void The_settings_may_name_another_culture()
    {
        using var sc = LocalContext.Start("local[1]", ("spark.executor.culture", "invariant"));

        Assert.That(sc.Parallelize([1.5]).Map(static number => $"{number}").Collect(), Is.EqualTo(new[] { "1.5" }));
    }

    [Test]
    public void A_culture_that_does_not_exist_stops_the_start()
    {
        Assert.That(() => LocalContext.Start("local[1]", ("spark.executor.culture", "german!")),
            Throws.TypeOf<SparkException>().With.Message.EqualTo("spark.executor.culture is 'german!', which is not a culture: give a name such as 'de-DE', or 'invariant'."));
    }

    [Test]
    [SetCulture("de-DE")]
    public void Lines_of_text_files_depend_on_no_culture()
    {
        using var directory = new TemporaryDirectory();
        using var sc = LocalContext.Start("local[1]");
        var readings = sc.Parallelize([1.5], 1).Map(static value => (new Reading(value, new DateTime(2026, 3, 4)), value));

        readings.SaveAsTextFile(directory.File("out"));

        Assert.That(File.ReadAllText(directory.File("out/part-00000")), Is.EqualTo("(Reading { Value = 1.5, At = 03/04/2026 00:00:00 }, 1.5)\n"));
    }
}

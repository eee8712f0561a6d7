using Sparkish.Deploy.Submission;

namespace Sparkish.Tests.Deploy.Submission;

internal sealed class PropertiesFileTests
{
    [TestCase("spark.a b", "b")]
    [TestCase("spark.a=b", "b")]
    [TestCase("  spark.a : b  ", "b")]
    [TestCase("spark.a\tb=c d", "b=c d")]
    [TestCase("# spark.a x\n! spark.a y\n\nspark.a b", "b")]
    [TestCase("spark.a b\\\n   c", "bc")]
    [TestCase("spark.a one\nspark.a two", "two")]
    [TestCase("spark.a caf\\u00e9\\tx\\\\", "café\tx\\")]
    [TestCase("spark\\.a b", "b")]
    [TestCase("spark.a", "")]
    public void Lines_are_read_as_Java_reads_properties(string text, string expected) =>
        Assert.That(PropertiesFile.Parse(text, "file")["spark.a"], Is.EqualTo(expected));

    [Test]
    public void Keys_that_are_no_settings_are_left_out_and_named()
    {
        using var directory = new TemporaryDirectory();

        var (settings, ignored) = PropertiesFile.Read(directory.Write("spark.conf", "spark.cores.max 4\nother x"));

        Assert.That(settings, Is.EqualTo(new Dictionary<string, string>(StringComparer.Ordinal) { ["spark.cores.max"] = "4" }));
        Assert.That(ignored, Is.EqualTo(new[] { "other" }));
    }

    [Test]
    public void A_file_that_is_missing_or_not_valid_is_named()
    {
        using var directory = new TemporaryDirectory();
        var wrong = directory.Write("wrong.conf", "\n\nspark.a \\u12x");

        Assert.That(() => PropertiesFile.Read("/nowhere/spark.conf"), Throws.TypeOf<SparkException>().With.Message.Contains("/nowhere/spark.conf"));
        Assert.That(() => PropertiesFile.Read(wrong), Throws.TypeOf<SparkException>().With.Message.Contains("Line 3 ").And.Message.Contains(wrong));
    }

    [Test]
    public void The_defaults_file_is_in_SPARK_CONF_DIR_or_else_in_SPARK_HOME()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.File("conf"));
        var defaults = directory.Write("conf/spark-defaults.conf", "");

        Assert.That(Find("SPARK_CONF_DIR", directory.File("conf")), Is.EqualTo(defaults));
        Assert.That(Find("SPARK_HOME", directory.Path), Is.EqualTo(defaults));
        Assert.That(Find("SPARK_HOME", "/nowhere"), Is.Null);

        static string? Find(string variable, string value) => PropertiesFile.FindDefaults(name => name == variable ? value : null);
    }
}

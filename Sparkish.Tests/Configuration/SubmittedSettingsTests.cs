using System.Text;
using Sparkish.Configuration;

namespace Sparkish.Tests.Configuration;

internal sealed class SubmittedSettingsTests
{
    [Test]
    public void The_first_line_of_the_input_is_read_and_nothing_after_it()
    {
        using var input = new MemoryStream(Encoding.UTF8.GetBytes("{\"spark.app.name\":\"café\"}\nrest"));

        var settings = SubmittedSettings.ReadFrom(input);

        Assert.That(settings, Is.EqualTo(new Dictionary<string, string>(StringComparer.Ordinal) { ["spark.app.name"] = "café" }));
        Assert.That(new StreamReader(input).ReadToEnd(), Is.EqualTo("rest"));
    }

    [TestCase("")]
    [TestCase("{\"spark.my.secret\":")]
    [TestCase("null\n")]
    public void Input_without_settings_is_an_error_that_does_not_repeat_it(string text)
    {
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(text));

        Assert.That(() => SubmittedSettings.ReadFrom(input),
            Throws.TypeOf<SparkException>().With.Message.Contains("standard input").And.Message.Not.Contains("spark.my.secret"));
    }
}

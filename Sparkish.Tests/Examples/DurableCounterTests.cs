using System.Globalization;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Examples;

/// <summary>The durable counter as a user runs it, and as an operator kills it.</summary>
internal sealed class DurableCounterTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Test]
    public async Task The_counter_goes_on_where_it_was_when_it_was_killed()
    {
        using var directory = new TemporaryDirectory();
        var acknowledged = 0L;
        for (var round = 0; round < 4; round++)
        {
            await using var counter = Start(directory, "--times", "1000000");
            var first = await counter.WaitForLineAsync(static line => line.StartsWith("The counter", StringComparison.Ordinal), Limit);
            var value = long.Parse(first["The counter stands at ".Length..].TrimEnd('.'), CultureInfo.InvariantCulture);
            Assert.That(value, Is.InRange(acknowledged, acknowledged + 1), "what was acknowledged, and perhaps the one that was under way");
            var wanted = value + 50 + (20 * round);
            await counter.WaitForLineAsync(line => long.TryParse(line, CultureInfo.InvariantCulture, out var seen) && seen >= wanted, Limit);

            counter.Kill();
            await counter.WaitForExitAsync(Limit);

            acknowledged = counter.Output.Where(static line => line.Length > 0 && char.IsAsciiDigit(line[0]))
                .Max(static line => long.Parse(line, CultureInfo.InvariantCulture));
        }
    }

    [Test]
    public async Task Lines_of_the_input_are_counted()
    {
        using var directory = new TemporaryDirectory();
        await using var counter = Start(directory);

        await counter.WriteLineAsync("one");
        await counter.WriteLineAsync("two");
        counter.EndInput();
        var status = await counter.WaitForExitAsync(Limit);

        Assert.That(status, Is.Zero, counter.Transcript);
        Assert.That(counter.Output, Is.EqualTo(new[] { "The counter stands at 0.", "1", "2" }));
    }

    [Test]
    public async Task A_second_process_is_kept_out_with_one_line()
    {
        using var directory = new TemporaryDirectory();
        await using var counter = Start(directory);
        await counter.WaitForLineAsync(static line => line.StartsWith("The counter", StringComparison.Ordinal), Limit);

        await using var second = Start(directory, "--times", "1");
        var status = await second.WaitForExitAsync(Limit);

        Assert.That((status, second.Output.Count, second.Errors.Count), Is.EqualTo((1, 0, 1)), second.Transcript);
        Assert.That(second.Errors[0], Does.StartWith("counter: "));
    }

    private static TestProcess Start(TemporaryDirectory directory, params string[] arguments) =>
        TestProcess.StartAssembly("Sparkish.Examples.dll", ["counter", directory.Path, .. arguments]);
}

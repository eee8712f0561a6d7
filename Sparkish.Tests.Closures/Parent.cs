using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Sparkish.Serialization.Closures;
using Sparkish.Serialization.Graphs;

namespace Sparkish.Tests.Closures;

/// <summary>Sends all shapes to a child, one after the other, and prints what became of them.</summary>
internal static class Parent
{
    public static int Send(IEnumerable<Shape> shapes)
    {
        var isHost = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        var start = new ProcessStartInfo(Environment.ProcessPath!, isHost ? ["exec", typeof(Parent).Assembly.Location, "run"] : ["run"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var child = Process.Start(start)!;
        foreach (var shape in shapes) Console.WriteLine(JsonSerializer.Serialize(Send(shape, child)));
        child.StandardInput.Close();
        child.WaitForExit();
        return child.ExitCode;
    }

    private static object Send(Shape shape, Process child)
    {
        var report = ClosureCleaner.Explain(shape.Function);
        var (bytes, actual) = Ship(shape, child);
        return new
        {
            name = shape.Name,
            captured = report.Captured.Select(variable => variable.ToString()),
            dropped = report.Dropped.Select(variable => variable.ToString()),
            whole = report.Whole,
            bytes,
            expected = shape.Expected,
            here = Outcome.Of(shape.Function, shape.Arguments),
            actual,
        };
    }

    private static (int Bytes, string Actual) Ship(Shape shape, Process child)
    {
        try
        {
            var cleaned = ClosureCleaner.Clean(shape.Function, "Map");
            Frames.Write(child.StandardInput.BaseStream, ObjectSerializer.Serialize(new object?[] { cleaned, shape.Arguments }));
            var answer = Frames.Read(child.StandardOutput.BaseStream) ?? throw new InvalidOperationException($"The child ended at '{shape.Name}'.");
            return (ObjectSerializer.Serialize(cleaned).Length, Encoding.UTF8.GetString(answer));
        }
        catch (SerializationException e)
        {
            return (0, $"not sent: {e.Message}");
        }
    }
}

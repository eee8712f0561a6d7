using System.Text;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Closures;

/// <summary>The process that runs what was sent: reads functions with their arguments, answers what they returned.</summary>
internal static class Child
{
    public static int Run()
    {
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        var context = new SerializationContext { Types = TypeBinder.Application, Trust = Trust.Own };
        while (Frames.Read(input) is { } block) Frames.Write(output, Encoding.UTF8.GetBytes(Answer(block, context)));
        return 0;
    }

    private static string Answer(byte[] block, SerializationContext context)
    {
        try
        {
            var call = ObjectSerializer.Deserialize<object?[]>(block, context);
            return Outcome.Of((Delegate)call[0]!, (object?[])call[1]!);
        }
        catch (SerializationException e)
        {
            return $"not read: {e.Message}";
        }
    }
}

using Sparkish.Serialization.Closures.Analysis;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Graphs.Fields;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Closures;

/// <summary>The result for a function: the copy, the reason why it cannot be sent, and the reason why all of the object around it was kept.</summary>
internal sealed record Cleaning(Delegate Cleaned, SerializationException? Refusal, string? Kept)
{
    private CaptureUse? Use { get; init; }

    private Delegate Original { get; init; } = Cleaned;

    /// <summary>
    /// Copies a function. An object with a copy may also be captured in another way, such as through a list of the user's. Then it is kept unchanged: one
    /// object must not arrive as two.
    /// </summary>
    public static Cleaning Of(Delegate function, SerializationContext? context)
    {
        var whole = new HashSet<object>(ReferenceEqualityComparer.Instance);
        string? kept = null;
        while (true)
        {
            var (use, copy, cleaned) = Copy(function, whole, context);
            var (refusal, shared) = Trial.Of(cleaned, copy.Originals, context);
            if (shared.Count == 0) return new Cleaning(cleaned, refusal, kept ?? use.Escape) { Use = use, Original = function };
            whole.UnionWith(shared);
            if (shared.Exists(use.IsSelf)) kept = "another captured object refers to it";
        }
    }

    public ClosureReport Report() => ClosureReporter.Of(Original, Use!, Kept);

    private static (CaptureUse Use, CaptureCopy Copy, Delegate Cleaned) Copy(Delegate function, HashSet<object> whole, SerializationContext? context)
    {
        try
        {
            var use = CaptureUse.Of(function, type => IsPlain(type, context), whole);
            var copy = new CaptureCopy(use);
            return (use, copy, copy.Of(function));
        }
        catch (InsufficientExecutionStackException e)
        {
            throw new SerializationException("The function holds a chain of functions that nests too deeply: keep them in an array.", e);
        }
    }

    // A surrogate receives its object whole.
    private static bool IsPlain(Type type, SerializationContext? context) =>
        !FrameworkAssemblies.Contains(type.Assembly) && ObjectPlans.For(type) is FieldsPlan && SurrogateTable.Of(context)?.PlanFor(type) is null;
}

/// <summary>The result of a trial serialization: the reason why a function cannot be sent, and the objects that it reaches.</summary>
internal readonly record struct Trial(SerializationException? Refusal, List<object> Met)
{
    public static Trial Of(Delegate function, IEnumerable<object> objects, SerializationContext? context)
    {
        var writer = ObjectWriter.Rent(new ByteWriter { Context = context });
        try
        {
            return new Trial(Write(writer, function), objects.Where(writer.HasMet).ToList());
        }
        finally
        {
            writer.Return();
        }
    }

    private static SerializationException? Write(ObjectWriter writer, Delegate function)
    {
        try
        {
            writer.IsTrial = true;
            writer.Write(function);
            return null;
        }
        catch (SerializationException e)
        {
            return e;
        }
    }
}

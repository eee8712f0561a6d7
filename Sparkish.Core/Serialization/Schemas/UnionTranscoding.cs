#pragma warning disable MA0048 // a case is a part of the union
namespace Sparkish.Serialization.Schemas;

/// <summary>The treatment of a stored case.</summary>
/// <param name="To">The number of the case that it is now.</param>
/// <param name="Fields">Its fields, in their order.</param>
internal sealed record CaseTranscoding(int To, Transcoding[] Fields);

/// <summary>A union: the number of a case may have changed. Created before its cases, since a union may contain itself.</summary>
internal sealed class UnionTranscoding(UnionNode from) : Transcoding
{
    private CaseTranscoding[] _cases = [];

    public void Set(CaseTranscoding[] cases) => _cases = cases;

    public override void Run(ref SchemaInput input, ByteWriter output)
    {
        input.Enter();
        var number = from.ReadCase(ref input);
        output.WriteCount(number < 0 ? 0 : _cases[number].To + 1);
        if (number >= 0)
        {
            foreach (var field in _cases[number].Fields) field.Run(ref input, output);
        }

        input.Leave();
    }
}

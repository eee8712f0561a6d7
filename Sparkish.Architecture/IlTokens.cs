using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;

namespace Sparkish.Architecture;

/// <summary>The metadata tokens among the operands of a method body.</summary>
internal static class IlTokens
{
    private static readonly Dictionary<int, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    public static IEnumerable<int> In(ImmutableArray<byte> il)
    {
        for (var at = 0; at < il.Length;)
        {
            // Two-byte opcodes begin with 0xFE.
            var value = il[at] == 0xFE ? 0xFE00 | il[at + 1] : il[at];
            at += value > 0xFF ? 2 : 1;
            var operand = OpCodesByValue[value].OperandType;
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType or OperandType.InlineSig)
                yield return Int32At(il, at);
            at += SizeOf(operand, il, at);
        }
    }

    private static int SizeOf(OperandType operand, ImmutableArray<byte> il, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * Int32At(il, at)),
        _ => 4,
    };

    private static int Int32At(ImmutableArray<byte> il, int at) => BinaryPrimitives.ReadInt32LittleEndian(il.AsSpan(at, 4));
}

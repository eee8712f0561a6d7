using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>Effects of instructions on the evaluation stack and on the control flow; not for those with a signature (calls).</summary>
internal static class IlEffects
{
    public static int Pops(IlInstruction instruction) => instruction.OpCode.StackBehaviourPop switch
    {
        StackBehaviour.Pop1 or StackBehaviour.Popi or StackBehaviour.Popref => 1,
        StackBehaviour.Pop1_pop1 or StackBehaviour.Popi_pop1 or StackBehaviour.Popi_popi or StackBehaviour.Popi_popi8 or StackBehaviour.Popi_popr4
            or StackBehaviour.Popi_popr8 or StackBehaviour.Popref_pop1 or StackBehaviour.Popref_popi => 2,
        StackBehaviour.Popi_popi_popi or StackBehaviour.Popref_popi_popi or StackBehaviour.Popref_popi_popi8 or StackBehaviour.Popref_popi_popr4
            or StackBehaviour.Popref_popi_popr8 or StackBehaviour.Popref_popi_popref or StackBehaviour.Popref_popi_pop1 => 3,
        _ => 0,
    };

    public static int Pushes(IlInstruction instruction) => instruction.OpCode.StackBehaviourPush switch
    {
        StackBehaviour.Push0 => 0,
        StackBehaviour.Push1_push1 => 2,
        _ => 1,
    };

    public static bool FallsThrough(IlInstruction instruction) =>
        instruction.OpCode.FlowControl is not (FlowControl.Branch or FlowControl.Return or FlowControl.Throw);

    /// <summary>Whether an instruction only compares or drops its operands.</summary>
    public static bool IsHarmless(IlInstruction instruction) => instruction.Code is ILOpCode.Pop or ILOpCode.Ceq or ILOpCode.Cgt_un or ILOpCode.Clt_un
        or ILOpCode.Brtrue or ILOpCode.Brtrue_s or ILOpCode.Brfalse or ILOpCode.Brfalse_s
        or ILOpCode.Beq or ILOpCode.Beq_s or ILOpCode.Bne_un or ILOpCode.Bne_un_s;
}
